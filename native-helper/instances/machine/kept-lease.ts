// SPDX-License-Identifier: MIT
import type { Lease } from '../../core/seams/network.ts';
import type { Boot } from '../boot/boot.ts';
import type { InstanceServices } from '../instance/services.ts';

/**
 * The address of a guest that had one before its machine was ended and goes on with it: it asks for none until it is to
 * renew that, and no other instance gets it.
 */
export function keptLease(
  { network }: Pick<InstanceServices, 'network'>,
  { spec, timeline }: Pick<Boot, 'spec' | 'timeline'>,
): Lease | undefined {
  const mac = spec.nics[0]?.mac;
  if (mac === undefined || !timeline.isDone('lease')) return undefined;
  const address = network.addressFor(mac);
  return address === undefined ? undefined : { mac, address, at: new Date() };
}
