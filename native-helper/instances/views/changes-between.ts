// SPDX-License-Identifier: MIT
import type { EventBody } from '#contract/events.ts';
import type { InstanceSummary } from '#contract/instances.ts';
import type { MountFigures, MountSummary } from '#contract/mounts.ts';

interface Changes {
  /** Undefined where nothing but figures changed, if those did. */
  readonly changed: EventBody | undefined;
  /** Undefined where `changed` has them. */
  readonly figures: EventBody | undefined;
}

/** What every event of an instance has. */
const common = ['name', 'state', 'ownerUid', 'isOwn'] as const satisfies readonly (keyof InstanceSummary)[];

/** What is new of an instance for somebody who was told `before` of it: all where that is nothing. */
export function changesBetween(before: InstanceSummary | undefined, now: InstanceSummary): Changes {
  if (!before) return { changed: { topic: 'instance.changed', instance: now }, figures: undefined };
  const [one, other] = [steady(before), steady(now)];
  const fields = [...new Set([...keysOf(before), ...keysOf(now)])].filter((field) => !isSame(one[field], other[field]));
  const figures = (now.mounts ?? []).map(figuresOf);
  const areFiguresNew = !fields.includes('mounts') && !isSame(figures, (before.mounts ?? []).map(figuresOf));
  return {
    changed:
      fields.length > 0
        ? { topic: 'instance.changed', instance: only([...common, ...fields], now), fields }
        : undefined,
    figures: areFiguresNew ? { topic: 'instance.figures', name: now.name, mounts: figures } : undefined,
  };
}

/** Without what is another number all the time. */
function steady(instance: InstanceSummary): InstanceSummary {
  return { ...instance, ...(instance.mounts && { mounts: instance.mounts.map(withoutFigures) }) };
}

function withoutFigures({ notifications, ...mount }: MountSummary): MountSummary {
  const reason = notifications?.reason;
  return {
    ...mount,
    bytesToGuest: 0,
    bytesFromGuest: 0,
    bytesPerSecond: 0,
    ...(notifications && { notifications: { told: 0, leftOut: 0, ...(reason && { reason }) } }),
  };
}

function figuresOf({ id, bytesToGuest, bytesFromGuest, bytesPerSecond, notifications }: MountSummary): MountFigures {
  return {
    id,
    bytesToGuest,
    bytesFromGuest,
    ...(bytesPerSecond !== undefined && { bytesPerSecond }),
    ...(notifications && { notifications: { told: notifications.told, leftOut: notifications.leftOut } }),
  };
}

function only(fields: readonly (keyof InstanceSummary)[], instance: InstanceSummary): InstanceSummary {
  return Object.fromEntries(
    Object.entries(instance).filter(([field]) => fields.some((each) => each === field)),
  ) as InstanceSummary;
}

function keysOf(instance: InstanceSummary): (keyof InstanceSummary)[] {
  return Object.keys(instance) as (keyof InstanceSummary)[];
}

/** As it is told, where `undefined` is nothing. */
export function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
