// SPDX-License-Identifier: MIT
import type { MacAddress } from '#contract/names.ts';
import type { NetworkMark } from './links.ts';
import type { Subnet } from './subnet.ts';

/** Lines for `ip -batch -`: one process for all that is to be made. */
export type LinkCommands = readonly string[];

/**
 * The bridge: no spanning tree and no forward delay, so that a guest's first packet passes; an address of its own,
 * which would otherwise change as ports come and go.
 */
export function bridgeCommands(mark: NetworkMark, subnet: Subnet): LinkCommands {
  return [
    `link add ${mark.bridge} address ${mark.mac} type bridge stp_state 0 forward_delay 0 mcast_snooping 0`,
    ...addressCommands(mark, subnet),
  ];
}

/**
 * Also where the bridge stands already: its making may have been cut short, and somebody may have flushed its address.
 */
export function addressCommands({ bridge, alias }: NetworkMark, subnet: Subnet): LinkCommands {
  return [
    `link set ${bridge} alias ${alias}`,
    `addr replace ${subnet.gateway}/24 brd + dev ${bridge}`,
    `link set ${bridge} up`,
  ];
}

/** A tap its machine's user may open, on the bridge, isolated from the other guests' ports. */
export function tapCommands({ bridge, alias }: NetworkMark, tap: string, uid: number): LinkCommands {
  return [
    `tuntap add dev ${tap} mode tap user ${uid} vnet_hdr`,
    `link set ${tap} alias ${alias}`,
    `link set ${tap} addrgenmode none`,
    `link set ${tap} master ${bridge}`,
    `link set ${tap} type bridge_slave isolated on`,
    `link set ${tap} up`,
  ];
}

/**
 * The host knows the guest's hardware address beforehand: nobody else can answer for its address, and the first packet
 * to a guest that has just got it waits for no ARP answer (a second each time, neighbour retrans_time in arp(7)).
 */
export function neighbourCommand(bridge: string, address: string, mac: MacAddress): string {
  return `neigh replace ${address} lladdr ${mac} dev ${bridge} nud permanent`;
}

export function neighbourRemoval(bridge: string, address: string): string {
  return `neigh flush to ${address} dev ${bridge} nud permanent`;
}

export function removalCommands(links: readonly string[]): LinkCommands {
  return links.map((name) => `link delete ${name}`);
}
