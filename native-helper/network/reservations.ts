// SPDX-License-Identifier: MIT
import { createHash } from 'node:crypto';
import type { MacAddress } from '#contract/names.ts';
import { sentence } from '#messages/say.ts';
import { HelperError } from '../core/errors.ts';

/** Host number in the subnet kept for a MAC address, so that an instance finds its address again. */
export interface Reservation {
  readonly mac: MacAddress;
  /** 2 to 254. */
  readonly host: number;
}

const firstHost = 2;
const hosts = 253;

/**
 * The reservations with one for `mac`. When all numbers are given away, the oldest one of an instance that is not
 * attached is taken back. Throws network.setup-failed when all of them are attached.
 */
export function reserve(
  reservations: readonly Reservation[],
  mac: MacAddress,
  isAttached: (mac: MacAddress) => boolean,
): readonly Reservation[] {
  const others = reservations.filter((each) => each.mac !== mac);
  const own = reservations.find((each) => each.mac === mac);
  if (own !== undefined) return reservations;
  const taken = new Set(others.map((each) => each.host));
  const start = createHash('sha256').update(mac).digest().readUInt32BE() % hosts;
  const free = Array.from({ length: hosts }, (_, step) => firstHost + ((start + step) % hosts)).find(
    (host) => !taken.has(host),
  );
  if (free !== undefined) return [...others, { mac, host: free }];
  const idle = others.find((each) => !isAttached(each.mac));
  if (idle === undefined)
    throw new HelperError('network.setup-failed', { reason: sentence('network.addresses-in-use', { count: hosts }) });
  return [...others.filter((each) => each !== idle), { mac, host: idle.host }];
}
