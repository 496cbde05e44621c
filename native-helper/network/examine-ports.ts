// SPDX-License-Identifier: MIT
import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import type { InstanceName, MacAddress } from '#contract/names.ts';
import type { NetworkFault } from '#contract/network-faults.ts';
import type { NetworkAttachment } from '../core/seams/network.ts';
import { droppedPackets } from './dropped-packets.ts';
import type { HostNetwork } from './host-network.ts';
import { parseLeases } from './leases.ts';
import type { NetworkFiles } from './network-files.ts';
import { portChainName, tablesOf } from './nftables.ts';
import { Ruleset } from './ruleset-walk.ts';

interface PortLook {
  readonly host: HostNetwork;
  readonly bridge: string;
  readonly files: NetworkFiles;
  /** The bridge's own address, and each port's; undefined where none was given yet. */
  readonly gateway: string | undefined;
  readonly addressOf: (mac: MacAddress) => string | undefined;
}

const links = z.array(
  z.object({ ifname: z.string().optional(), flags: z.array(z.string()).optional(), master: z.string().optional() }),
);

/** What the kernel and dnsmasq's lease file say now of the ports of `attachments`. */
export async function examinePorts(
  { host, bridge, files, gateway, addressOf }: PortLook,
  attachments: readonly NetworkAttachment[],
  signal: AbortSignal,
): Promise<ReadonlyMap<InstanceName, readonly NetworkFault[]>> {
  const [seen, rules, upstream, leases] = await Promise.all([
    host.askIp(['link', 'show'], signal),
    host.rules(signal),
    host.upstream(signal),
    readFile(files.leases, 'latin1').catch(() => ''), // absent before the first lease
  ]);
  const devices = links.parse(seen);
  const ruleset = new Ruleset(rules);
  const now = Date.now() / 1000;
  const leased = new Set(
    parseLeases(leases)
      .filter(({ expires }) => expires === 0 || expires > now)
      .map(({ mac }) => mac),
  );
  const found = new Map<InstanceName, readonly NetworkFault[]>();
  for (const { instance, tap, mac } of attachments) {
    const device = devices.find(({ ifname }) => ifname === tap);
    const isFiltered = ruleset.hasRules('netdev', tablesOf(bridge).portsTable, portChainName(tap));
    const faults: NetworkFault[] =
      device === undefined
        ? ['tap-gone']
        : [
            ...(device.flags?.includes('UP') === true ? [] : (['tap-down'] as const)),
            ...(device.master === bridge ? [] : (['tap-off-bridge'] as const)),
            ...(isFiltered ? [] : (['filter-gone'] as const)),
          ];
    const address = addressOf(mac);
    const dropped =
      address === undefined || gateway === undefined
        ? []
        : await droppedPackets(ruleset, { tap, mac, address, bridge, gateway, upstream }, signal);
    if (dropped.some(({ isCertain }) => isCertain)) faults.push('packets-dropped');
    if (!leased.has(mac)) faults.push('lease-gone');
    if (faults.length > 0) found.set(instance, faults);
  }
  return found;
}
