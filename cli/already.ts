// SPDX-License-Identifier: MIT
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
  try {
    return await ask();
  } catch (error) {
    const { code, params } = helperErrorOf(error);
    if (code !== 'instance.wrong-state' || params['state'] !== reached) throw error;
    say(`${String(params['name'])} is already ${reached}.`);
    return undefined;
  }
}
