// SPDX-License-Identifier: MIT
import type { HelperErrorData } from '#contract/errors.ts';
import type { OperationAccepted } from '#contract/instances.ts';
import { verbs, type InstanceVerb } from '#contract/verbs.ts';
import { say } from '#messages/say.ts';
import { helperErrorOf } from './helper-error.ts';
import { tell } from './output.ts';

/**
 * Asks for a verb. Where the instance is already in the state that the verb leads to, or in one in which there is
 * nothing to take back, this says so and returns nothing.
 */
export async function unlessAlready(
  verb: InstanceVerb,
  ask: () => Promise<OperationAccepted>,
): Promise<OperationAccepted | undefined> {
  const { reached, needless } = verbs[verb];
  return await unlessDone(ask, ({ code, params: { name, state } }) => {
    if (code !== 'instance.wrong-state') return false;
    if (reached !== undefined && state === reached)
      tell(say('cli.operation.already', { name: String(name), state: reached }));
    else if (needless?.states.some((each) => each === state))
      tell(say('cli.operation.needless', { name: String(name), words: needless.words, state: String(state) }));
    else return false;
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
