// SPDX-License-Identifier: MIT
import type { LinkMessage } from '#contract/desktop.ts';
import type { OperationSummary } from '#contract/operations.ts';

export interface OperationsSlice {
  readonly operations: Readonly<Record<string, OperationSummary>>;
}

export const initialOperations: OperationsSlice = { operations: {} };

/** How many ended operations the window keeps; the helper has the rest. */
const keptOperations = 500;

export function reduceOperations(slice: OperationsSlice, message: LinkMessage): Partial<OperationsSlice> {
  if (message.kind === 'snapshot')
    return {
      operations: Object.fromEntries(message.snapshot.operations.map((operation) => [operation.id, operation])),
    };
  if (message.kind !== 'event' || message.event.body.topic !== 'operation.changed') return {};
  const { operation } = message.event.body;
  const known = slice.operations[operation.id];
  if (known !== undefined && known.state !== 'running' && operation.state === 'running') return {};
  return { operations: prune({ ...slice.operations, [operation.id]: operation }) };
}

function prune(operations: Readonly<Record<string, OperationSummary>>): Readonly<Record<string, OperationSummary>> {
  const all = Object.values(operations);
  if (all.length <= keptOperations) return operations;
  const ended = all
    .filter((operation) => operation.state !== 'running')
    .sort((a, b) => a.startedAt.localeCompare(b.startedAt));
  const dropped = new Set(ended.slice(0, all.length - keptOperations).map((operation) => operation.id));
  return Object.fromEntries(
    all.filter((operation) => !dropped.has(operation.id)).map((operation) => [operation.id, operation]),
  );
}
