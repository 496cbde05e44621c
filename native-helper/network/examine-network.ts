// SPDX-License-Identifier: MIT
import { z } from 'zod';
import { messageOf } from '../core/errors.ts';
import type { NetworkObstacle } from '../core/seams/network.ts';
import type { HostNetwork } from './host-network.ts';
import { formatIpv4, overlaps, parsePrefix, type Ipv4Range } from './ipv4.ts';
import { tablesOf } from './nftables.ts';
import { distinct, droppedPackets, firewallOf, nameOf, type PacketDrop } from './dropped-packets.ts';
import type { PortPlace } from './guest-packets.ts';
import { Ruleset } from './ruleset-walk.ts';
import { isWholeWorld, type Subnet } from './subnet.ts';

interface NetworkLook {
  readonly host: HostNetwork;
  readonly bridge: string;
  readonly subnet: Subnet;
  /** Of what is attached. */
  readonly ports: readonly Pick<PortPlace, 'tap' | 'mac' | 'address'>[];
}

const routes = z.array(
  z.object({ dst: z.string().optional(), dev: z.string().optional(), type: z.string().optional() }),
);
const links = z.array(z.object({ ifname: z.string().optional(), flags: z.array(z.string()).optional() }));

/** Of routes that lie over the bridge's range; each is asked for. */
const mostRoutes = 16;

/**
 * What stands between the instances and the world, as `ip`, `sysctl` and `nft` tell it now. A part that cannot be
 * looked at is among it.
 */
export async function examineNetwork(look: NetworkLook, signal: AbortSignal): Promise<readonly NetworkObstacle[]> {
  const parts = [
    bridgeObstacles(look, signal),
    settingObstacles(look, signal).catch((error: unknown) => unseen('settings', error)),
    routeObstacles(look, signal).catch((error: unknown) => unseen('routes', error)),
    ruleObstacles(look, signal).catch((error: unknown) => unseen('rules', error)),
  ];
  const found = (await Promise.all(parts)).flat();
  signal.throwIfAborted();
  const has = (kind: NetworkObstacle['kind']): boolean => found.some((each) => each.kind === kind);
  // without its bridge nothing else is right either; without its address the route to it is gone as well
  if (has('bridge-gone')) return found.filter(({ kind }) => kind === 'bridge-gone');
  return has('bridge-down') || has('no-address') ? found.filter(({ kind }) => kind !== 'routed-elsewhere') : found;
}

function unseen(part: 'rules' | 'old rules' | 'routes' | 'settings', error: unknown): readonly NetworkObstacle[] {
  return [{ kind: 'unseen', part, reason: messageOf(error) }];
}

async function bridgeObstacles(
  { host, bridge, subnet }: NetworkLook,
  signal: AbortSignal,
): Promise<readonly NetworkObstacle[]> {
  const device = links.parse(await host.askIp(['link', 'show'], signal)).find(({ ifname }) => ifname === bridge);
  if (device === undefined) return [{ kind: 'bridge-gone' }];
  const obstacles: NetworkObstacle[] = device.flags?.includes('UP') === true ? [] : [{ kind: 'bridge-down' }];
  const address = `${subnet.gateway}/24`;
  return (await host.hasAddress(address, signal)) ? obstacles : [...obstacles, { kind: 'no-address', address }];
}

/**
 * The bridge has a setting of its own, which the common one only presets (ip-sysctl.rst, conf/interface/forwarding).
 */
async function settingObstacles(
  { host, bridge }: NetworkLook,
  signal: AbortSignal,
): Promise<readonly NetworkObstacle[]> {
  const names = ['net.ipv4.ip_forward', `net.ipv4.conf.${bridge}.forwarding`];
  const values = await host.settings(names, signal);
  const setting = names.find((_, index) => values[index] === '0');
  return setting === undefined ? [] : [{ kind: 'not-forwarding', setting }];
}

/**
 * Every table is looked at, for VPNs have their own; what the kernel does with them all is asked address by address.
 */
async function routeObstacles(
  { host, bridge, subnet, ports }: NetworkLook,
  signal: AbortSignal,
): Promise<readonly NetworkObstacle[]> {
  const own = parsePrefix(subnet.prefix);
  if (own === undefined) return [];
  const all = routes.parse(await host.askIp(['-4', 'route', 'show', 'table', 'all'], signal));
  const over = all
    .flatMap(({ dst = '', dev, type = 'unicast' }) => {
      const range = parsePrefix(dst);
      const isOther = dev !== bridge && range !== undefined && !isWholeWorld(range) && overlaps(range, own);
      return isOther ? [{ prefix: dst, device: dev ?? type, range }] : [];
    })
    .slice(0, mostRoutes);
  const overridden = await Promise.all(
    over.map(async ({ range }) => (await host.deviceTo(guestIn(range, own), signal)) !== bridge),
  );
  const found = over.map(({ prefix, device }, index): NetworkObstacle => ({
    kind: 'routed-elsewhere',
    prefix,
    device,
    isOverridden: overridden[index] ?? false,
  }));
  if (overridden.includes(true)) return found.filter((each) => each.kind === 'routed-elsewhere' && each.isOverridden);
  return [...found, ...(await ruledElsewhere(ports[0]?.address, host, bridge, signal))];
}

/** An address that a default route of another table takes by a rule (ip-rule(8)) lies under no prefix. */
async function ruledElsewhere(
  address: string | undefined,
  host: HostNetwork,
  bridge: string,
  signal: AbortSignal,
): Promise<readonly NetworkObstacle[]> {
  if (address === undefined || !(await host.hasLink(bridge, signal))) return [];
  const device = await host.deviceTo(address, signal);
  return device === bridge
    ? []
    : [{ kind: 'routed-elsewhere', prefix: address, device: device ?? 'unreachable', isOverridden: true }];
}

/** The first address in both that can be a guest's. */
function guestIn(range: Ipv4Range, own: Ipv4Range): string {
  return formatIpv4(Math.min(Math.max(range.first, own.first + 2), range.last, own.last - 1));
}

async function ruleObstacles(
  { host, bridge, subnet, ports }: NetworkLook,
  signal: AbortSignal,
): Promise<readonly NetworkObstacle[]> {
  const [rules, upstream] = await Promise.all([host.rules(signal), host.upstream(signal)]);
  const ruleset = new Ruleset(rules);
  const { table } = tablesOf(bridge);
  const isWhole = ['from_guests', 'forward', 'postrouting'].every((chain) => ruleset.hasRules('inet', table, chain));
  const drops: (readonly PacketDrop[])[] = [];
  for (const port of ports)
    drops.push(await droppedPackets(ruleset, { ...port, bridge, gateway: subnet.gateway, upstream }, signal));
  return [
    ...(isWhole ? [] : [{ kind: 'rules-gone' } as const]),
    ...(rules.legacyUnseen === undefined ? [] : unseen('old rules', rules.legacyUnseen)),
    ...(ruleset.isExhausted ? [{ kind: 'too-many-rules' } as const] : []),
    ...distinct(drops.flat()).map((each) => ({
      kind: 'dropped' as const,
      ...each,
      isOfAll: drops.every((dropped) => dropped.some((one) => nameOf(one) === nameOf(each))),
      firewall: firewallOf(ruleset, each),
    })),
  ];
}
