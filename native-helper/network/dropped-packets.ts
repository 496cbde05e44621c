// SPDX-License-Identifier: MIT
import { guestPackets, type GuestPacket, type PortPlace } from './guest-packets.ts';
import { tablesOf } from './nftables.ts';
import { keyOf } from './rule-chains.ts';
import type { DroppingChain, Ruleset } from './ruleset-walk.ts';

/** A base chain of somebody else's that drops what a guest sends or is sent. */
export interface PacketDrop extends DroppingChain, Pick<GuestPacket, 'traffic' | 'direction'> {}

/** What is lost of a port's packets, by whom: one of each base chain, a certain drop before a doubtful one. */
export async function droppedPackets(
  ruleset: Ruleset,
  place: PortPlace,
  signal: AbortSignal,
): Promise<readonly PacketDrop[]> {
  const own = tablesOf(place.bridge);
  const ownTables = [`inet ${own.table}`, `netdev ${own.portsTable}`];
  const found: PacketDrop[] = [];
  for (const packet of guestPackets(place)) {
    const { traffic, direction } = packet;
    for (const each of await ruleset.dropping(packet, ownTables, signal)) found.push({ ...each, traffic, direction });
  }
  return distinct(found);
}

export function distinct(drops: readonly PacketDrop[]): readonly PacketDrop[] {
  const sorted = drops.toSorted((a, b) => Number(b.isCertain) - Number(a.isCertain));
  return sorted.filter((each, index) => sorted.findIndex((other) => nameOf(other) === nameOf(each)) === index);
}

/** The base chain's own name. */
export function nameOf({ family, table, chain }: DroppingChain): string {
  return keyOf({ family, table, name: chain });
}

/** By the chains that each makes; what it is changes the way out, because a program rewrites its own rules. */
export function firewallOf(
  ruleset: Ruleset,
  { family, table: name, chain }: DroppingChain,
): 'docker' | 'ufw' | 'firewalld' | 'iptables' | 'nftables' {
  if (name === 'firewalld') return 'firewalld';
  const isIptables = family === 'legacy' || (family === 'ip' && name === 'filter');
  if (!isIptables) return 'nftables';
  if (ruleset.hasChain(family, name, 'ufw-before-forward')) return 'ufw';
  if (chain === 'FORWARD' && ruleset.hasChain(family, name, 'DOCKER-USER')) return 'docker';
  return family === 'legacy' || chain === 'FORWARD' || chain === 'INPUT' ? 'iptables' : 'nftables';
}
