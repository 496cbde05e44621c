// SPDX-License-Identifier: MIT
import type { ImageAlias } from '#contract/names.ts';
import { messageOf } from '../../core/errors.ts';
import type { Reason } from '../../core/said-error.ts';
import type { Logger } from '../../core/log.ts';
import type { ImageRecord } from './image-record.ts';
import type { Vault } from './vault.ts';

/**
 * Brings the names in the vault to what they may be, at start. Two images of one name, left by a helper that ended
 * while a name went from one to the other: the newer has it. Names of imports from before names were users':
 * they become root's, which everybody may use, unless nobody may name an image so.
 */
export async function mendNames(
  vault: Vault,
  reasonAgainst: (alias: ImageAlias) => Reason | undefined,
  log: Logger,
): Promise<void> {
  const untold =
    (image: ImageRecord['fingerprint']) =>
    (error: unknown): void => {
      log.warn({ image, reason: messageOf(error) }, 'it could not be noted; the next start tries again');
    };
  for (const record of vault.all()) {
    if (record.origin !== 'imported' || record.ownerUids !== undefined) continue;
    const refused = record.aliases.filter((alias) => reasonAgainst(alias) !== undefined);
    for (const alias of refused)
      log.warn(
        { alias, image: record.fingerprint, reason: reasonAgainst(alias) },
        'an image lost a name that images may no longer have; its digest finds it',
      );
    const names = record.aliases
      .filter((alias) => !refused.includes(alias))
      .map((alias) => ({ uid: 0, alias, since: record.addedAt }));
    await vault
      .rename(record.fingerprint, (current) => ({ ...current, aliases: [], ownerUids: [0], names }))
      .catch(untold(record.fingerprint));
  }
  const newest = new Map<string, ImageRecord['fingerprint']>();
  for (const { key, fingerprint, without } of namesNewestFirst(vault.all())) {
    const keeper = newest.get(key);
    if (keeper === undefined) {
      newest.set(key, fingerprint);
      continue;
    }
    log.warn({ image: fingerprint, name: key, keeper }, 'a name was on two images: the newer keeps it');
    await vault.leaveName(fingerprint, keeper, without).catch(untold(fingerprint));
  }
}

interface Named {
  readonly key: string;
  readonly since: string;
  readonly fingerprint: ImageRecord['fingerprint'];
  readonly without: (record: ImageRecord) => ImageRecord;
}

function namesNewestFirst(records: readonly ImageRecord[]): readonly Named[] {
  return records
    .flatMap(({ fingerprint, addedAt, aliases, names = [] }): Named[] => [
      ...aliases.map((alias): Named => ({
        key: alias,
        since: addedAt,
        fingerprint,
        without: (record) => ({ ...record, aliases: record.aliases.filter((each) => each !== alias) }),
      })),
      ...names.map(({ uid, alias, since }): Named => ({
        key: `${uid}/${alias}`,
        since,
        fingerprint,
        without: (record) => ({
          ...record,
          names: record.names?.filter((each) => each.uid !== uid || each.alias !== alias),
        }),
      })),
    ])
    .sort((a, b) => b.since.localeCompare(a.since));
}
