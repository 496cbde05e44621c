// SPDX-License-Identifier: MIT
import type { LinkMessage } from '#contract/desktop.ts';
import type { InstanceSummary } from '#contract/instances.ts';
import type { PhaseRecord } from '#contract/operations.ts';

export interface LivePhases {
  readonly boot: number;
  readonly phases: readonly PhaseRecord[];
}

export interface InstancesSlice {
  readonly instances: Readonly<Record<string, InstanceSummary>>;
  /** Phases of the boot under way or last seen, by instance; fed by events. */
  readonly phases: Readonly<Record<string, LivePhases>>;
}

export const initialInstances: InstancesSlice = { instances: {}, phases: {} };

export function reduceInstances(slice: InstancesSlice, message: LinkMessage): Partial<InstancesSlice> {
  if (message.kind === 'snapshot') {
    return {
      instances: Object.fromEntries(
        message.snapshot.instances.map((instance) => [
          instance.name,
          keepEqual(slice.instances[instance.name], instance),
        ]),
      ),
    };
  }
  if (message.kind !== 'event') return {};
  const { body } = message.event;
  switch (body.topic) {
    case 'instance.changed':
      return {
        instances: {
          ...slice.instances,
          [body.instance.name]: keepEqual(slice.instances[body.instance.name], body.instance),
        },
      };
    case 'instance.removed':
      return { instances: without(slice.instances, body.name), phases: without(slice.phases, body.name) };
    case 'instance.phases':
      return { phases: { ...slice.phases, [body.name]: { boot: body.boot, phases: body.phases } } };
    default:
      return {};
  }
}

/** The old value when nothing changed, so that a row that shows it is not drawn again. */
function keepEqual(previous: InstanceSummary | undefined, next: InstanceSummary): InstanceSummary {
  return previous !== undefined && JSON.stringify(previous) === JSON.stringify(next) ? previous : next;
}

function without<T>(record: Readonly<Record<string, T>>, key: string): Readonly<Record<string, T>> {
  if (!(key in record)) return record;
  const { [key]: _, ...rest } = record;
  return rest;
}
