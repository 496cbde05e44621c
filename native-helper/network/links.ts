// SPDX-License-Identifier: MIT
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { isTapName } from './tap-name.ts';

/** The hardware address of our bridge of that name, which no other program gives one. */
export function bridgeMac(bridge: string): string {
  const digest = createHash('sha256').update(`berth bridge ${bridge}`).digest();
  return ['52', '54', '00', ...[...digest.subarray(0, 3)].map((byte) => byte.toString(16).padStart(2, '0'))].join(':');
}

/** Written into the alias of every device we make; what lacks it is somebody else's. */
export const ownAlias = 'berth';

const link = z.object({
  ifname: z.string(),
  ifalias: z.string().optional(),
  address: z.string().optional(),
  master: z.string().optional(),
  linkinfo: z.object({ info_kind: z.string().optional() }).optional(),
});

/** What `ip -j -d link show` says of us. */
export interface LinkObservation {
  readonly bridge: 'present' | 'absent' | 'foreign';
  /** Taps that carry our name and alias and are on our bridge or on none. */
  readonly taps: readonly string[];
}

/** Throws on output that is not iproute2's JSON. */
export function readLinks(json: string, bridge: string): LinkObservation {
  const links = z
    .array(link.or(z.object({}).transform(() => undefined)))
    .parse(JSON.parse(json === '' ? '[]' : json))
    .filter((each) => each !== undefined);
  const device = links.find((each) => each.ifname === bridge);
  // the alias comes a moment after the device; the address is there from its first
  const isOurs =
    (device?.ifalias === ownAlias || device?.address === bridgeMac(bridge)) && device.linkinfo?.info_kind === 'bridge';
  const taps = links.filter(
    (each) =>
      isTapName(each.ifname) && each.ifalias === ownAlias && (each.master === bridge || each.master === undefined),
  );
  return {
    bridge: device === undefined ? 'absent' : isOurs ? 'present' : 'foreign',
    taps: taps.map((each) => each.ifname),
  };
}
