// SPDX-License-Identifier: MIT
import type { ImageLists, Snapshot } from './events.ts';
import type { InstanceSummary } from './instances.ts';
import type { OperationSummary, PhaseRecord } from './operations.ts';
import type { SystemInfo } from './system.ts';

/** The phases of the boot under way or last seen. */
export interface LivePhases {
  readonly boot: number;
  readonly phases: readonly PhaseRecord[];
}

/** All that a client knows of a host: what the snapshot said, and what events made of it. */
export interface HostView {
  /** By name. */
  readonly instances: Readonly<Record<string, InstanceSummary>>;
  /** By instance; only events tell them. */
  readonly phases: Readonly<Record<string, LivePhases>>;
  /** By id. */
  readonly operations: Readonly<Record<string, OperationSummary>>;
  readonly catalogue: Snapshot['catalogue'];
  readonly vault: Snapshot['vault'];
  readonly remotes: NonNullable<Snapshot['remotes']>;
  /** Undefined until the first snapshot. */
  readonly system: SystemInfo | undefined;
}

export const emptyView: HostView = {
  instances: {},
  phases: {},
  operations: {},
  catalogue: [],
  vault: [],
  remotes: [],
  system: undefined,
};

/** The view after a snapshot. The helper's own tells no phases: those that are known stay. */
export function applySnapshot(view: HostView, snapshot: Snapshot, phases = view.phases): HostView {
  return {
    ...applyImages(view, { remotes: [], ...snapshot }),
    instances: Object.fromEntries(
      snapshot.instances.map((instance) => [instance.name, keepEqual(view.instances[instance.name], instance)]),
    ),
    operations: Object.fromEntries(snapshot.operations.map((operation) => [operation.id, operation])),
    phases,
    system: snapshot.system,
  };
}

/** The view with other images. Remotes that are not told of are as they were. */
export function applyImages(view: HostView, { catalogue, vault, remotes = view.remotes }: ImageLists): HostView {
  return { ...view, catalogue, vault, remotes };
}

/** The old value when nothing changed, so that whatever shows it can tell so by its identity. */
export function keepEqual<Value>(previous: Value | undefined, next: Value): Value {
  return previous !== undefined && JSON.stringify(previous) === JSON.stringify(next) ? previous : next;
}
