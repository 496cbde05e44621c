// SPDX-License-Identifier: MIT
import { z } from 'zod';
import type { LaterValue } from './open-enum.ts';

/** What can stand between a running instance and its network; each with how it is told behind the instance's name. */
export const networkFaultTexts = {
  'tap-gone': 'its network device is missing',
  'tap-down': 'its network device is down',
  'tap-off-bridge': 'its network device is not on the bridge',
  'filter-gone': 'its packet filter rules are missing',
  'packets-dropped': 'firewall rules on this computer drop its packets',
  'lease-gone': 'it has no address lease',
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
