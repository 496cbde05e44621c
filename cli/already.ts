// SPDX-License-Identifier: MIT
import type { HelperErrorData } from '#contract/errors.ts';
import type { OperationAccepted } from '#contract/instances.ts';
import { verbs, type InstanceVerb } from '#contract/verbs.ts';
import { helperErrorOf } from './helper-error.ts';
import { say } from './output.ts';

/**
 * Asks for a verb. Where the instance is already in the state that the verb leads to, this says so and returns nothing:
 * there is nothing to do.
 */
export async function unlessAlready(
  verb: InstanceVerb,
  ask: () => Promise<OperationAccepted>,
): Promise<OperationAccepted | undefined> {
  const { reached } = verbs[verb];
  return await unlessDone(ask, ({ code, params }) => {
    if (code !== 'instance.wrong-state' || params['state'] !== reached) return false;
    say(`${String(params['name'])} is already ${reached}.`);
    return true;
  });
}

/** Asks, and returns nothing where `isDone` says of the refusal that there is nothing to do. */
export async function unlessDone(
  ask: () => Promise<OperationAccepted>,
  isDone: (refusal: HelperErrorData) => boolean,
): Promise<OperationAccepted | undefined> {
  try {
    return await ask();
  } catch (error) {
    if (!isDone(helperErrorOf(error))) throw error;
    return undefined;
  }
}
