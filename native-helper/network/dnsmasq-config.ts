// SPDX-License-Identifier: MIT
import type { MacAddress } from '#contract/names.ts';
import type { DnsmasqHost } from './dnsmasq-host.ts';
import type { NetworkFiles } from './network-files.ts';
import type { Subnet } from './subnet.ts';

/** One line of the hosts file: only these MACs get an address, always the same one. */
export interface DhcpHost {
  readonly mac: MacAddress;
  readonly address: string;
  readonly name: string;
}

/** Twelve hours; a tap's removal releases its lease earlier. */
export const leaseSeconds = 43_200;

/** The script empties the events file beyond this many bytes; the helper then reads the lease file instead. */
const eventsLimitBytes = 65_536;

/** dnsmasq.conf for the one dnsmasq on our bridge. */
export function dnsmasqConfig(bridge: string, subnet: Subnet, host: DnsmasqHost, files: NetworkFiles): string {
  return [
    `interface=${bridge}`,
    'except-interface=lo',
    'bind-interfaces',
    `user=${host.user}`,
    `pid-file=${files.pid}`,
    'log-facility=-',
    'quiet-dhcp',
    // the host's own names are none of the guests' business
    'no-hosts',
    host.hasResolvConf ? 'resolv-file=/etc/resolv.conf' : 'no-resolv',
    'domain=multipass',
    'local=/multipass/',
    'domain-needed',
    'bogus-priv',
    'cache-size=1000',
    `dhcp-range=${subnet.gateway.replace(/\.\d+$/, '.0')},static,255.255.255.0,${leaseSeconds}s`,
    `dhcp-option=option:router,${subnet.gateway}`,
    `dhcp-option=option:dns-server,${subnet.gateway}`,
    'dhcp-authoritative',
    // clients whose ids change between boots (cloud-init, initramfs) must find the same address
    'dhcp-ignore-clid',
    'dhcp-no-override',
    'dhcp-rapid-commit',
    // addresses are reserved, so there is nothing to probe for, and probing costs three seconds
    'no-ping',
    `dhcp-leasefile=${files.leases}`,
    `dhcp-hostsfile=${files.hosts}`,
    `dhcp-script=${files.script}`,
    '',
  ].join('\n');
}

export function dnsmasqHosts(hosts: readonly DhcpHost[]): string {
  return hosts.map((host) => `${host.mac},${host.address},${host.name}\n`).join('');
}

/**
 * What dnsmasq runs on each lease event, one at a time: appends `action mac address expires` to the events file,
 * whether or not a helper lives to read it.
 */
export function leaseScript(files: NetworkFiles): string {
  const events = `'${files.events.replaceAll("'", String.raw`'\''`)}'`;
  return `#!/bin/sh
case "$1" in add|old|del) ;; *) exit 0 ;; esac
[ "$(wc -c < ${events})" -lt ${eventsLimitBytes} ] || : > ${events}
printf '%s %s %s %s\\n' "$1" "$2" "$3" "$DNSMASQ_LEASE_EXPIRES" >> ${events}
`;
}
