// SPDX-License-Identifier: MIT
import { z } from 'zod';

/** What can stand between a running instance and its network; each with how it is told behind the instance's name. */
export const networkFaultTexts = {
  'tap-gone': 'its tap is gone',
  'tap-down': 'its tap is down',
  'tap-off-bridge': 'its tap is not in the bridge',
  'filter-gone': 'the rules of its tap are gone',
  'lease-gone': 'it has no lease',
} as const;

export const networkFault = z.enum(
  Object.keys(networkFaultTexts) as [keyof typeof networkFaultTexts, ...(keyof typeof networkFaultTexts)[]],
);
export type NetworkFault = z.infer<typeof networkFault>;
