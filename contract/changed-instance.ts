// SPDX-License-Identifier: MIT
import type { EventBody } from './events.ts';
import type { InstanceSummary } from './instances.ts';
import type { MountFigures, MountSummary } from './mounts.ts';

type Changed = Extract<EventBody, { topic: 'instance.changed' }>;
type Figures = Extract<EventBody, { topic: 'instance.figures' }>;

/** An instance after `instance.changed`: as the event has it, or with the fields of it that the event names. */
export function changedInstance(known: InstanceSummary | undefined, { instance, fields }: Changed): InstanceSummary {
  if (!known || !fields) return instance;
  const kept = Object.entries(known).filter(([field]) => !fields.includes(field));
  return { ...Object.fromEntries(kept), ...instance };
}

/** An instance after `instance.figures`. */
export function withFigures(known: InstanceSummary, { mounts: figures = [] }: Figures): InstanceSummary {
  if (!known.mounts) return known;
  const newest = new Map(figures.map((each) => [each.id, each]));
  return { ...known, mounts: known.mounts.map((mount) => withMountFigures(mount, newest.get(mount.id))) };
}

function withMountFigures(mount: MountSummary, figures: MountFigures | undefined): MountSummary {
  if (!figures) return mount;
  const { notifications, ...bytes } = figures;
  return { ...mount, ...bytes, ...(notifications && { notifications: { ...mount.notifications, ...notifications } }) };
}
