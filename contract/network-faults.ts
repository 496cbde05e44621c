// SPDX-License-Identifier: MIT
import { z } from 'zod';
import type { LaterValue } from './open-enum.ts';

/** What can stand between a running instance and its network; each with how it is told behind the instance's name. */
export const networkFaultTexts = {
  'tap-gone': 'its tap is gone',
  'tap-down': 'its tap is down',
  'tap-off-bridge': 'its tap is not in the bridge',
  'filter-gone': 'the rules of its tap are gone',
  'packets-dropped': 'other rules of this computer drop its packets',
  'lease-gone': 'it has no lease',
} as const;

export const networkFault = z.enum(
  Object.keys(networkFaultTexts) as [keyof typeof networkFaultTexts, ...(keyof typeof networkFaultTexts)[]],
);
export type NetworkFault = z.infer<typeof networkFault>;

/**
 * Whether a restart gives an instance its network anew. It does not where other rules drop its packets, by which a
 * lease may be lost as well: the doctor names them.
 */
export function needsRestart(faults: readonly (NetworkFault | LaterValue)[]): boolean {
  return faults.some(
    (fault) => fault !== 'packets-dropped' && (fault !== 'lease-gone' || !faults.includes('packets-dropped')),
  );
}
