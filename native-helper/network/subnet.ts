// SPDX-License-Identifier: MIT
import { createHash } from 'node:crypto';
import { HelperError } from '../core/errors.ts';
import { formatIpv4, overlaps, parsePrefix, type Ipv4Range } from './ipv4.ts';

/** Our /24: the host is `.1`, guests have `.2` to `.254`. */
export interface Subnet {
  /** `10.1.2.0/24` */
  readonly prefix: string;
  /** The host's own address on the bridge. */
  readonly gateway: string;
}

interface SubnetRequest {
  /**
   * Anything stable and peculiar to this host, so that two hosts rarely choose alike (nested use, VPNs between them).
   */
  readonly seed: string;
  /** Prefixes and addresses the host knows, ours left out. */
  readonly used: readonly string[];
  /** The choice of an earlier time: kept while it is free. */
  readonly remembered?: string | undefined;
}

/**
 * Ranges that other software takes by default although the host may not show them now: docker,
 * home routers, QEMU's user network, OpenVPN, podman, k3s, kubernetes services and flannel, lxd.
 */
const usualPools = [
  '10.0.0.0/16',
  '10.1.0.0/16',
  '10.8.0.0/16',
  '10.10.0.0/16',
  '10.42.0.0/15',
  '10.88.0.0/15',
  '10.96.0.0/12',
  '10.128.0.0/16',
  '10.152.183.0/24',
  '10.244.0.0/16',
  '10.255.0.0/16',
];

const attempts = 4096;

/**
 * A free /24 of 10.0.0.0/8: the remembered one, else the first free of a sequence that the seed decides. Throws
 * network.subnet-exhausted.
 */
export function chooseSubnet(request: SubnetRequest): Subnet {
  const used = request.used.flatMap((prefix) => parsePrefix(prefix) ?? []).filter((range) => !isWholeWorld(range));
  const remembered = request.remembered === undefined ? undefined : toSubnet(request.remembered);
  if (remembered !== undefined && isFree(remembered, used)) return remembered;
  const pools = usualPools.flatMap((prefix) => parsePrefix(prefix) ?? []);
  const free = firstFree(byChance(request.seed), [...used, ...pools]) ?? firstFree(everySubnet(), used);
  if (free === undefined) throw new HelperError('network.subnet-exhausted');
  return free;
}

/** The subnet of a prefix or of an address with prefix length; undefined unless it is a private /24. */
export function toSubnet(text: string): Subnet | undefined {
  const range = parsePrefix(text);
  if (range === undefined || range.last - range.first !== 255 || Math.floor(range.first / 2 ** 24) !== 10)
    return undefined;
  return { prefix: `${formatIpv4(range.first)}/24`, gateway: formatIpv4(range.first + 1) };
}

/** The address of host number `host` (2 to 254). */
export function addressIn(subnet: Subnet, host: number): string {
  return subnet.gateway.replace(/\.\d+$/, `.${host}`);
}

/** Default routes, also those in halves (`0.0.0.0/1`, `128.0.0.0/1`) by which VPNs override them, take no range. */
export function isWholeWorld(range: Ipv4Range): boolean {
  return range.last - range.first >= 2 ** 31 - 1;
}

function isFree(subnet: Subnet, used: readonly Ipv4Range[]): boolean {
  const range = parsePrefix(subnet.prefix);
  return range !== undefined && !used.some((other) => overlaps(range, other));
}

function firstFree(candidates: Iterable<Subnet>, used: readonly Ipv4Range[]): Subnet | undefined {
  for (const subnet of candidates) if (isFree(subnet, used)) return subnet;
  return undefined;
}

function* byChance(seed: string): Iterable<Subnet> {
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    const [second = 0, third = 0] = createHash('sha256').update(`berth subnet ${seed} ${attempt}`).digest();
    yield subnetAt(second, third);
  }
}

/** All of 10.0.0.0/8, for a host so full that chance found nothing; the usual pools count as free then. */
function* everySubnet(): Iterable<Subnet> {
  for (let index = 0; index < 65_536; index += 1) yield subnetAt(index >> 8, index & 255);
}

function subnetAt(second: number, third: number): Subnet {
  return { prefix: `10.${second}.${third}.0/24`, gateway: `10.${second}.${third}.1` };
}
