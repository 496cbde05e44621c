// SPDX-License-Identifier: MIT
import type { EventBody, Snapshot } from '#contract/events.ts';
import type { OperationSummary } from '#contract/operations.ts';

/** How many ended operations a snapshot keeps. */
const endedOperationsKept = 100;

/** The snapshot after an event. Events carry whole values, so applying one twice does no harm. */
export function applyEvent(snapshot: Snapshot, body: EventBody): Snapshot {
  switch (body.topic) {
    case 'instance.changed':
      return { ...snapshot, instances: put(snapshot.instances, body.instance, (each) => each.name) };
    case 'instance.removed':
      return { ...snapshot, instances: snapshot.instances.filter((each) => each.name !== body.name) };
    case 'instance.phases':
    case 'images.outdated': // the link lists them again
    case 'images.changed':
      return snapshot;
    case 'operation.changed':
      return { ...snapshot, operations: withoutOldest(put(snapshot.operations, body.operation, (each) => each.id)) };
    case 'system.changed':
      return { ...snapshot, system: { ...body.system, caller: snapshot.system.caller } };
    default:
      body satisfies never;
      return snapshot;
  }
}

/** The list with the value in the place of the one with its key, or at the end. */
function put<Value>(list: readonly Value[], value: Value, keyOf: (value: Value) => string): Value[] {
  const index = list.findIndex((each) => keyOf(each) === keyOf(value));
  return index < 0 ? [...list, value] : list.with(index, value);
}

function withoutOldest(operations: OperationSummary[]): OperationSummary[] {
  let surplus = operations.filter((each) => each.state !== 'running').length - endedOperationsKept;
  if (surplus <= 0) return operations;
  return operations.filter((each) => each.state === 'running' || (surplus -= 1) < 0);
}
