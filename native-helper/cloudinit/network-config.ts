// SPDX-License-Identifier: MIT
import { stringify } from 'yaml';
import type { MacAddress } from '#contract/names.ts';

/**
 * cloud-init's network-config version 2: one interface, found by its MAC address because its name
 * depends on the guest's kernel, with an address by DHCP. The client identifier is the MAC too, so
 * that the reserved lease fits whatever machine-id the guest has.
 */
export function networkConfig(mac: MacAddress): string {
  return stringify({
    version: 2,
    ethernets: { default: { match: { macaddress: mac }, dhcp4: true, 'dhcp-identifier': 'mac' } },
  });
}
