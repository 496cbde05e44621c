// SPDX-License-Identifier: MIT
/** What can be waited for of an instance. */
export const waitGoals = ['ready', 'stopped', 'address'] as const;
export type WaitGoal = (typeof waitGoals)[number];
