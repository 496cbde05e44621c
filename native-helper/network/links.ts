// SPDX-License-Identifier: MIT
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { isTapName } from './tap-name.ts';

/** By what the devices of one helper are told from those of others, another helper's of the same host among them. */
export interface NetworkMark {
  readonly bridge: string;
  /** The hardware address of the bridge: it is there from its first moment. */
  readonly mac: string;
  /** Written into the alias of every device we make; what lacks it is somebody else's. */
  readonly alias: string;
}

/** The mark of whoever keeps its state in that directory: the next helper on it has the same. */
export function markOf(bridge: string, stateDirectory: string): NetworkMark {
  const id = createHash('sha256').update(stateDirectory).digest('hex').slice(0, 12);
  const digest = createHash('sha256').update(`berth bridge ${bridge} ${id}`).digest();
  const mac = ['52', '54', '00', ...[...digest.subarray(0, 3)].map((byte) => byte.toString(16).padStart(2, '0'))];
  return { bridge, mac: mac.join(':'), alias: `berth:${id}` };
}

/** The alias of devices that helpers made before 30 November 2026, whichever it was. */
const commonAlias = 'berth';

const link = z.object({
  ifname: z.string(),
  ifalias: z.string().optional(),
  address: z.string().optional(),
  master: z.string().optional(),
  linkinfo: z.object({ info_kind: z.string().optional() }).optional(),
});

/** What `ip -j -d link show` says of us; `foreign` is also another helper's. */
export interface LinkObservation {
  readonly bridge: 'present' | 'absent' | 'foreign';
  /** Taps that carry our name and alias and are on our bridge or on none. */
  readonly taps: readonly string[];
  /** A bridge of another name that a Berth helper made is here. */
  readonly hasOthers: boolean;
}

/**
 * `hasRunFiles`: this helper's run directory says that it had made a network, so devices without a name of their maker
 * are its own. Throws on output that is not iproute2's JSON.
 */
export function readLinks(json: string, mark: NetworkMark, hasRunFiles: boolean): LinkObservation {
  const { bridge } = mark;
  const isMarked = (alias: string | undefined): boolean =>
    alias === mark.alias || (hasRunFiles && alias === commonAlias);
  const links = z
    .array(link.or(z.object({}).transform(() => undefined)))
    .parse(JSON.parse(json === '' ? '[]' : json))
    .filter((each) => each !== undefined);
  const device = links.find((each) => each.ifname === bridge);
  // the alias comes a moment after the device; the address is there from its first
  const isOurs =
    (isMarked(device?.ifalias) || device?.address === mark.mac) && device?.linkinfo?.info_kind === 'bridge';
  const taps = links.filter(
    (each) => isTapName(each.ifname) && isMarked(each.ifalias) && (each.master === bridge || each.master === undefined),
  );
  return {
    bridge: device === undefined ? 'absent' : isOurs ? 'present' : 'foreign',
    taps: taps.map((each) => each.ifname),
    hasOthers: links.some(
      ({ ifname, ifalias, linkinfo }) =>
        ifname !== bridge && linkinfo?.info_kind === 'bridge' && /^berth(?::[0-9a-f]{12})?$/.test(ifalias ?? ''),
    ),
  };
}
