// SPDX-License-Identifier: MIT
import type { MacAddress } from '#contract/names.ts';
import { parseIpv4 } from './ipv4.ts';

/** One address given by dnsmasq. */
export interface LeaseRecord {
  readonly mac: MacAddress;
  readonly address: string;
  /** Seconds since 1970; 0 never ends. */
  readonly expires: number;
}

/**
 * A line that the lease script wrote: dnsmasq's `add`, `old` (known or renewed) and `del` (dnsmasq(8), --dhcp-script).
 */
export interface LeaseEvent {
  readonly action: 'add' | 'old' | 'del';
  readonly record: LeaseRecord;
}

/** dnsmasq's lease file: `expires mac address name client-id`. Other lines (IPv6, damaged ones) are passed over. */
export function parseLeases(text: string): readonly LeaseRecord[] {
  return text.split('\n').flatMap((line) => {
    const [expires = '', mac = '', address = ''] = line.split(' ');
    return toRecord(mac, address, expires) ?? [];
  });
}

/** A line `action mac address expires`; undefined when it is anything else. */
export function parseLeaseEvent(line: string): LeaseEvent | undefined {
  const [action = '', mac = '', address = '', expires = ''] = line.split(' ');
  const record = toRecord(mac, address, expires === '' ? '0' : expires);
  if (record === undefined || (action !== 'add' && action !== 'old' && action !== 'del')) return undefined;
  return { action, record };
}

function toRecord(mac: string, address: string, expires: string): LeaseRecord | undefined {
  const isValid =
    /^[0-9a-f]{2}(?::[0-9a-f]{2}){5}$/i.test(mac) && parseIpv4(address) !== undefined && /^\d{1,12}$/.test(expires);
  return isValid ? { mac: mac.toLowerCase() as MacAddress, address, expires: Number(expires) } : undefined;
}
