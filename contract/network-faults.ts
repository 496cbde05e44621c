// SPDX-License-Identifier: MIT
import { z } from 'zod';
import { say } from '#messages/say.ts';
import { isKnown, wordOf, type LaterValue } from './open-enum.ts';

/** What can stand between a running instance and its network. */
export const networkFault = z.enum([
  'tap-gone',
  'tap-down',
  'tap-off-bridge',
  'filter-gone',
  'packets-dropped',
  'lease-gone',
]);
export type NetworkFault = z.infer<typeof networkFault>;

/** A fault as it is told behind the instance's name. */
export function networkFaultWords(fault: NetworkFault | LaterValue): string {
  return isKnown(networkFault.enum, fault) ? say(`network-fault.${fault}`) : wordOf(fault);
}

/**
 * Whether a restart gives an instance its network anew. It does not where other rules drop its packets, by which a
 * lease may be lost as well: the doctor names them.
 */
export function needsRestart(faults: readonly (NetworkFault | LaterValue)[]): boolean {
  return faults.some(
    (fault) => fault !== 'packets-dropped' && (fault !== 'lease-gone' || !faults.includes('packets-dropped')),
  );
}
