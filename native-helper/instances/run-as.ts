// SPDX-License-Identifier: MIT
import { stat } from 'node:fs/promises';
import type { Credentials } from '../core/seams/processes.ts';
import { HelperError } from '../core/errors.ts';
import type { Files } from '../store/files.ts';
import type { Registry } from './registry.ts';

export interface UserRange {
  readonly first: number;
  readonly count: number;
}

/**
 * Users for machines: outside every range that systemd and shadow give away
 * (systemd.io/UIDS-GIDS: above 0x70000000 nothing is assigned), with no entry in passwd.
 */
export const defaultUserRange: UserRange = { first: 1_900_000_000, count: 60_000 };

/** The lowest user that no instance has, a broken one's disk included. */
export async function freeUser(range: UserRange, registry: Registry, files: Files): Promise<Credentials> {
  const taken = new Set(registry.all().map(({ record }) => record.runAs.uid));
  for (const name of registry.broken().keys()) {
    const uid = await stat(files.instance(name).disk).then((found) => found.uid, () => undefined); // no disk, no user
    if (uid !== undefined) taken.add(uid);
  }
  for (let uid = range.first; uid < range.first + range.count; uid += 1) {
    if (!taken.has(uid)) return { uid, gid: uid };
  }
  throw new HelperError('confinement.unavailable', { layer: 'uid', reason: `all ${range.count} users of the range are taken` });
}
