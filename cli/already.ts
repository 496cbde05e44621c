// SPDX-License-Identifier: MIT
import type { InstanceState, OperationAccepted } from '#contract/instances.ts';
import { helperErrorOf } from './helper-error.ts';
import { say } from './output.ts';

/**
 * Asks for what brings an instance to a state. Where it is in that state already, this says so and returns nothing:
 * there is nothing to do.
 */
export async function unlessAlready(
  state: InstanceState,
  ask: () => Promise<OperationAccepted>,
): Promise<OperationAccepted | undefined> {
  try {
    return await ask();
  } catch (error) {
    const { code, params } = helperErrorOf(error);
    if (code !== 'instance.wrong-state' || params['state'] !== state) throw error;
    say(`${String(params['name'])} is already ${state}.`);
    return undefined;
  }
}
