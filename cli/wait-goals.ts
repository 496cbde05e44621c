// SPDX-License-Identifier: MIT
import type { InstanceSummary } from '#contract/instances.ts';

/** What can be waited for of an instance. */
export const waitGoals = ['ready', 'stopped', 'address'] as const;
export type WaitGoal = (typeof waitGoals)[number];

type Known = Pick<InstanceSummary, 'state' | 'operation' | 'addresses'>;

/** `look`: how far a boot is stands in the details alone. `never`: it does not come to that by itself or by a start. */
export type Progress = 'reached' | 'look' | 'waiting' | 'never';

/** How far an instance is from what is waited for. Without a machine it is stopped, with its memory kept or not. */
export function progressTo(goal: WaitGoal, { state, operation, addresses = [] }: Known): Progress {
  if (goal === 'stopped')
    return state === 'stopped' || state === 'suspended' || state === 'deleted' ? 'reached' : 'waiting';
  if (state === 'deleted' && operation === undefined) return 'never';
  if (goal === 'address') return addresses.length > 0 ? 'reached' : 'waiting';
  return state === 'running' && operation === undefined ? 'look' : 'waiting';
}
