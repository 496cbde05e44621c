// SPDX-License-Identifier: MIT
import { createHash } from 'node:crypto';
import type { MacAddress } from '#contract/names.ts';

/**
 * The instance's MAC address: QEMU's locally administered prefix 52:54:00 and 24 bits of a hash
 * of its id, so it is the same at every start. `isTaken` steps past one another instance has.
 */
export function macFor(instanceId: string, isTaken: (mac: MacAddress) => boolean = () => false): MacAddress {
  for (let attempt = 0; ; attempt += 1) {
    const digest = createHash('sha256').update(`berth mac ${instanceId} ${attempt}`).digest();
    const mac = [
      '52',
      '54',
      '00',
      ...[...digest.subarray(0, 3)].map((byte) => byte.toString(16).padStart(2, '0')),
    ].join(':') as MacAddress;
    if (!isTaken(mac)) return mac;
  }
}
