// SPDX-License-Identifier: MIT
import path from 'node:path';
import { HelperError } from '../core/errors.ts';
import type { InstanceRecord } from './instance-record.ts';
import { remainsOf } from './instance-remains.ts';
import type { StoredInstance } from './stored-instance.ts';

type Whole = Extract<StoredInstance, { ok: true }>;

/**
 * Of records with one id all but the original are copies: user, address, sockets and tap are its own, and no second
 * machine can have them. The original is the one in whose directory a machine was started, by the paths that the
 * records keep of it: a directory's age tells nothing, for the true one may have come from a backup. Where no path
 * tells, each of them is broken.
 */
export function withoutCopies(
  found: readonly StoredInstance[],
  directoryOf: (record: InstanceRecord) => string,
): readonly StoredInstance[] {
  const holders = Map.groupBy(
    found.filter((each) => each.ok),
    ({ record }) => record.id,
  );
  return found.map((each) => {
    const alike = each.ok ? (holders.get(each.record.id) ?? []) : [];
    if (!each.ok || alike.length < 2) return each;
    const original = originalOf(alike, directoryOf);
    return original === each ? each : asCopy(each, original, alike);
  });
}

function originalOf(alike: readonly Whole[], directoryOf: (record: InstanceRecord) => string): Whole | undefined {
  const homes = new Set(
    alike.flatMap(({ record }) => record.machine?.spec.disks[0]?.path ?? []).map((disk) => path.dirname(disk)),
  );
  const atHome = alike.filter(({ record }) => homes.has(directoryOf(record)));
  return atHome.length === 1 ? atHome[0] : undefined;
}

function asCopy({ record }: Whole, original: Whole | undefined, alike: readonly Whole[]): StoredInstance {
  const { name } = record;
  const others = alike.map((each) => each.record.name).filter((each) => each !== name);
  const fault = original
    ? new HelperError('record.copied', { name, original: original.record.name })
    : new HelperError('record.one-of-copies', { name, others: others.join(', ') });
  return { ok: false, name, fault, aside: undefined, remains: remainsOf(name, JSON.stringify(record)) };
}
