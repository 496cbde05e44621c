// SPDX-License-Identifier: MIT
import { BlockList, isIPv4, isIPv6 } from 'node:net';
import { networkInterfaces } from 'node:os';

/**
 * Not of the public internet (IANA's registry of special-purpose addresses, RFC 6890), multicast (RFC 5771) and the
 * reserved rest.
 */
const privateV4 = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
];
/** Global unicast, and the public IPv4 addresses as translators write them (NAT64, RFC 6052). */
const publicV6 = ['2000::/3', '64:ff9b::/96'];
/** Within those: tunnels that hold an IPv4 address (Teredo, 6to4), protocols, documentation. */
const privateV6 = ['2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20', ...privateV4.map(translated)];

const forbidden = listOf([...privateV4, ...privateV6]);
const global = listOf(publicV6);

/**
 * Whether a user may have this address asked for: it is public and not this computer's own, or of a network that the
 * administrator allows.
 *
 * @param networks as ADDRESS/BITS
 */
export function isReachable(address: string, networks: readonly string[]): boolean {
  const [bare = ''] = address.split('%'); // a zone says on which link, and only link-local addresses have one
  const family = isIPv4(bare) ? 'ipv4' : isIPv6(bare) ? 'ipv6' : undefined;
  if (family === undefined) return false;
  if (listOf(networks).check(bare, family)) return true;
  const isPublic = family === 'ipv4' || global.check(bare, 'ipv6');
  return isPublic && !forbidden.check(bare, family) && !ownAddresses().check(bare, family);
}

function translated(network: string): string {
  const [address, bits] = network.split('/');
  return `64:ff9b::${address}/${96 + Number(bits)}`;
}

function ownAddresses(): BlockList {
  const own = Object.values(networkInterfaces()).flatMap((each) => each ?? []);
  return listOf(own.map(({ address, family }) => `${address}/${family === 'IPv4' ? 32 : 128}`));
}

function listOf(networks: readonly string[]): BlockList {
  const list = new BlockList();
  for (const network of networks) {
    const [address = '', bits = ''] = network.split('/');
    list.addSubnet(address, Number(bits), isIPv4(address) ? 'ipv4' : 'ipv6');
  }
  return list;
}
