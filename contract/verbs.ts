// SPDX-License-Identifier: MIT
import type { InstanceState, InstanceSummary } from './instances.ts';
import type { LaterValue } from './open-enum.ts';
import type { OperationKind } from './operations.ts';
import { verbTable, type InstanceVerb, type VerbRow } from './verb-table.ts';

export { instanceVerbs, type InstanceVerb } from './verb-table.ts';

export type Verb = VerbRow<InstanceState, OperationKind, InstanceVerb>;

/** The table of verbs, as all read it. */
export const verbs: Readonly<Record<InstanceVerb, Verb>> = verbTable;

export function isVerb(kind: OperationKind | LaterValue): kind is InstanceVerb {
  return Object.hasOwn(verbs, kind);
}

/** Whether the verb is legal from the state. What is under way is looked at apart: {@link isOffered}. */
export function isLegal(verb: InstanceVerb, state: InstanceState | LaterValue): boolean {
  return verbs[verb].from.some((each) => each === state);
}

/**
 * Whether the verb makes sense for the instance as it is told of: the state allows it, and what is under way ends for
 * it. A verb under way is not offered again, except in its forced form; nor is one where another is offered in its
 * place.
 */
export function isOffered(
  verb: InstanceVerb,
  instance: Pick<InstanceSummary, 'isOwn' | 'state' | 'operation'>,
  isForced = false,
): boolean {
  if (!instance.isOwn || !isOfferedIn(verb, instance.state, isForced)) return false;
  const kind = instance.operation?.kind;
  if (kind === undefined) return true;
  return verbs[verb].supersedes.some((each) => each === kind) && (kind !== verb || isForced);
}

function isOfferedIn(verb: InstanceVerb, state: InstanceSummary['state'], isForced: boolean): boolean {
  const { takesBroken, unoffered = [], forced, from } = verbs[verb];
  if (state === 'broken') return takesBroken === true;
  if (isForced) return (forced?.from ?? from).some((each) => each === state);
  return isLegal(verb, state) && !unoffered.some((each) => each === state);
}
