// SPDX-License-Identifier: MIT
import type { MacAddress } from '#contract/names.ts';
import type { Subnet } from './subnet.ts';

/** The bridge's name where none is configured. */
export const usualBridge = 'mpqemubr0';

/** One guest at its port. */
export interface GuestPort {
  readonly tap: string;
  readonly mac: MacAddress;
  readonly address: string;
}

/** The names of the tables of whoever has the bridge; `inet` and `netdev`. */
export function tablesOf(bridge: string): { readonly table: string; readonly portsTable: string } {
  const table = bridge === usualBridge ? 'berth' : `berth_${bridge.replaceAll('-', '_')}`;
  return { table, portsTable: `${table}_ports` };
}

/**
 * Both tables as one `nft -f -` transaction that replaces what was there. Every tap named must exist (a netdev chain
 * binds to a device). An accept here never overrides another table's drop; see docs/network.md.
 */
export function ruleset(bridge: string, subnet: Subnet, ports: readonly GuestPort[]): string {
  const { table, portsTable } = tablesOf(bridge);
  return `${replaced('inet', table)}
table inet ${table} {
  chain input {
    type filter hook input priority filter - 5; policy accept;
    iifname "${bridge}" jump from_guests
  }
  chain from_guests {
    udp sport 68 udp dport 67 accept
    ip daddr ${subnet.gateway} meta l4proto { tcp, udp } th dport 53 accept
    ip daddr ${subnet.gateway} icmp type echo-request accept
    ct state established,related accept
    reject with icmpx type admin-prohibited
  }
  chain forward {
    type filter hook forward priority filter - 5; policy accept;
    iifname "${bridge}" oifname "${bridge}" drop
    iifname "${bridge}" ip saddr != ${subnet.prefix} drop
    iifname "${bridge}" meta nfproto ipv6 drop
    iifname "${bridge}" tcp flags syn tcp option maxseg size set rt mtu
    oifname "${bridge}" tcp flags syn tcp option maxseg size set rt mtu
    iifname "${bridge}" accept
    oifname "${bridge}" ct state established,related accept
    oifname "${bridge}" reject with icmpx type admin-prohibited
  }
  chain postrouting {
    type nat hook postrouting priority srcnat - 5; policy accept;
    ip saddr ${subnet.prefix} ip daddr != { ${subnet.prefix}, 224.0.0.0/4, 255.255.255.255 } masquerade
  }
}
${replaced('netdev', portsTable)}
table netdev ${portsTable} {
${ports.map(portChain).join('\n')}
}
`;
}

/** Removes both tables, also where one or both are absent. */
export function removal(bridge: string): string {
  const { table, portsTable } = tablesOf(bridge);
  return `${replaced('inet', table)}\n${replaced('netdev', portsTable)}\n`;
}

/**
 * A guest sends with its own MAC and address, or asks for one; nothing else (also no IPv6, no VLAN tags) leaves its
 * port.
 */
function portChain(port: GuestPort): string {
  return `  chain ${portChainName(port.tap)} {
    type filter hook ingress device "${port.tap}" priority -100; policy drop;
    ether saddr != ${port.mac} drop
    arp saddr ether ${port.mac} arp saddr ip { 0.0.0.0, ${port.address} } accept
    ip saddr 0.0.0.0 udp sport 68 udp dport 67 accept
    ip saddr ${port.address} accept
  }`;
}

/** The chain of a tap's port in its table. */
export function portChainName(tap: string): string {
  return tap.replaceAll('-', '_');
}

/** `add` before `delete` makes the deletion work whether or not the table is there (nft(8)). */
function replaced(family: string, name: string): string {
  return `add table ${family} ${name}\ndelete table ${family} ${name}`;
}
