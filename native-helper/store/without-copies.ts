// SPDX-License-Identifier: MIT
import { stat } from 'node:fs/promises';
import { HelperError } from '../core/errors.ts';
import type { InstanceRecord } from './instance-record.ts';
import { remainsOf } from './instance-remains.ts';
import type { StoredInstance } from './stored-instance.ts';

/**
 * Of records with one id, all but the one whose directory is the oldest are copies: user, address, sockets and tap are
 * its own, and no second machine can have them.
 */
export async function withoutCopies(
  found: readonly StoredInstance[],
  directoryOf: (record: InstanceRecord) => string,
): Promise<readonly StoredInstance[]> {
  const holders = Map.groupBy(
    found.filter((each) => each.ok),
    ({ record }) => record.id,
  );
  const originals = new Map<string, string>();
  for (const [id, each] of holders) {
    if (each.length === 1) continue;
    const aged = await Promise.all(
      each.map(async ({ record }) => ({ name: record.name, madeMs: (await stat(directoryOf(record))).birthtimeMs })),
    );
    const [oldest] = aged.toSorted((one, other) => one.madeMs - other.madeMs);
    if (oldest) originals.set(id, oldest.name);
  }
  return found.map((each) => {
    const original = each.ok ? originals.get(each.record.id) : undefined;
    if (!each.ok || original === undefined || original === each.record.name) return each;
    const { name } = each.record;
    const fault = new HelperError('record.copied', { name, original });
    return { ok: false, name, fault, aside: undefined, remains: remainsOf(name, JSON.stringify(each.record)) };
  });
}
