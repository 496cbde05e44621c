// SPDX-License-Identifier: MIT
import { readFile } from 'node:fs/promises';
import { z } from 'zod';

const routes = z.array(
  z.object({ dst: z.string().optional(), dev: z.string().optional(), type: z.string().optional() }),
);
const addresses = z.array(
  z.object({
    ifname: z.string().optional(),
    addr_info: z
      .array(z.object({ local: z.string().optional(), prefixlen: z.int().optional(), address: z.string().optional() }))
      .optional(),
  }),
);

interface HostOutputs {
  /** `ip -j -4 route show table all` */
  readonly routes: string;
  /** `ip -j -4 addr show` */
  readonly addresses: string;
  readonly resolvConf: string;
}

/**
 * Every prefix the host knows in any routing table (VPNs use their own), on any device but `bridge`, and its resolvers'
 * networks.
 */
export function hostPrefixes(outputs: HostOutputs, bridge: string): readonly string[] {
  const routed = routes.parse(parse(outputs.routes)).filter((route) => route.dev !== bridge && route.dst !== 'default');
  const own = addresses.parse(parse(outputs.addresses)).filter((device) => device.ifname !== bridge);
  return [
    ...routed.flatMap((route) => route.dst ?? []),
    ...own
      .flatMap((device) => device.addr_info ?? [])
      .flatMap((info) => [
        ...(info.local === undefined ? [] : [`${info.local}/${info.prefixlen ?? 32}`]),
        ...(info.address === undefined ? [] : [info.address]),
      ]),
    ...resolvers(outputs.resolvConf).map((address) => `${address}/24`),
  ];
}

/** The host's resolver configuration; empty where there is none, as on a closed host. */
export function readResolvConf(): Promise<string> {
  return readFile('/etc/resolv.conf', 'utf8').catch(() => '');
}

function resolvers(text: string): readonly string[] {
  return [...text.matchAll(/^\s*nameserver\s+(\d+\.\d+\.\d+\.\d+)/gm)].flatMap((match) => match[1] ?? []);
}

function parse(json: string): unknown {
  return JSON.parse(json.trim() === '' ? '[]' : json);
}
