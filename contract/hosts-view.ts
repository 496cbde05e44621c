// SPDX-License-Identifier: MIT
import type { ImageLists, Snapshot } from './events.ts';
import {
  instanceKey,
  operationKey,
  type HostInstance,
  type HostOperation,
  type InstanceKey,
  type OperationKey,
} from './host-keys.ts';
import type { HostId } from './hosts.ts';
import type { PhaseRecord } from './operations.ts';
import type { SystemInfo } from './system.ts';

/** The phases of the boot under way or last seen. */
export interface LivePhases {
  readonly boot: number;
  readonly phases: readonly PhaseRecord[];
}

/** What a host has of images. */
export type HostImages = ImageLists & { readonly remotes: NonNullable<ImageLists['remotes']> };

/** All that a client knows of its hosts: what each one's snapshot said, and what events made of it. */
export interface HostsView {
  readonly instances: Readonly<Record<InstanceKey, HostInstance>>;
  /** Only events tell them. */
  readonly phases: Readonly<Record<InstanceKey, LivePhases>>;
  readonly operations: Readonly<Record<OperationKey, HostOperation>>;
  /** Of each host of which there was a snapshot, as is `systems`. */
  readonly images: Readonly<Record<HostId, HostImages>>;
  readonly systems: Readonly<Record<HostId, SystemInfo>>;
}

export const emptyView: HostsView = { instances: {}, phases: {}, operations: {}, images: {}, systems: {} };
export const noImages: HostImages = { catalogue: [], vault: [], remotes: [] };

/** What a view has of one host. */
export function ofHost<Value extends { readonly host: HostId }>(
  values: Readonly<Record<string, Value>>,
  host: HostId,
): Value[] {
  return Object.values(values).filter((value) => value.host === host);
}

/** The view after a snapshot of a host, whatever it said before; of phases, those that are known stay. */
export function applySnapshot(
  view: HostsView,
  host: HostId,
  snapshot: Snapshot,
  phases: HostsView['phases'] = {},
): HostsView {
  return {
    ...applyImages(view, host, { remotes: [], ...snapshot }),
    instances: withAll(
      view.instances,
      host,
      snapshot.instances.map((instance) => {
        const key = instanceKey(host, instance.name);
        return [key, keepEqual(view.instances[key], { host, ...instance })];
      }),
    ),
    operations: withAll(
      view.operations,
      host,
      snapshot.operations.map((operation) => [operationKey(host, operation.id), { ...operation, host }]),
    ),
    phases: { ...view.phases, ...phases },
    systems: { ...view.systems, [host]: snapshot.system },
  };
}

/** The view with other images of a host. Remotes that are not told of are as they were. */
export function applyImages(view: HostsView, host: HostId, { catalogue, vault, remotes }: ImageLists): HostsView {
  const known = view.images[host] ?? noImages;
  return { ...view, images: { ...view.images, [host]: { catalogue, vault, remotes: remotes ?? known.remotes } } };
}

/** The old value when nothing changed, so that whatever shows it can tell so by its identity. */
export function keepEqual<Value>(previous: Value | undefined, next: Value): Value {
  return previous !== undefined && JSON.stringify(previous) === JSON.stringify(next) ? previous : next;
}

/** In the place of all that the host had. */
function withAll<Value extends { readonly host: HostId }>(
  record: Readonly<Record<string, Value>>,
  host: HostId,
  entries: readonly (readonly [string, Value])[],
): Record<string, Value> {
  const others = Object.entries(record).filter(([, value]) => value.host !== host);
  return Object.fromEntries([...others, ...entries]);
}
