// SPDX-License-Identifier: MIT
import type { ImageAlias } from '#contract/names.ts';
import type { VaultRecord } from '../../core/seams/images.ts';
import type { ImageRecord } from './image-record.ts';
import type { ImageWords } from '../catalogue/words-for.ts';

const dayMs = 24 * 60 * 60_000;

/** When an image has not been used for long enough; undefined for those that cannot be fetched again by themselves. */
export function expiryOf(record: ImageRecord, expiryDays: number): number | undefined {
  if (record.origin !== 'remote' || record.isPinned === true) return undefined;
  return Date.parse(record.lastUsedAt ?? record.addedAt) + expiryDays * dayMs;
}

export function isExpired(record: ImageRecord, expiryDays: number, nowMs: number): boolean {
  return (expiryOf(record, expiryDays) ?? Infinity) <= nowMs;
}

/** What is told of an image, to a user who has these names for it and for whom these words of it count. */
export function publicPart(
  record: ImageRecord,
  { aliases, words }: { readonly aliases: readonly ImageAlias[]; readonly words: ImageWords },
  expiryDays: number,
  isInUse: boolean,
): VaultRecord['image'] {
  const {
    fingerprint,
    os,
    release,
    architecture,
    origin,
    virtualBytes,
    fileBytes,
    boot,
    addedAt,
    lastUsedAt,
    isPinned,
  } = record;
  const { title, defaultUser, source } = words;
  const expiresAtMs = isInUse ? undefined : expiryOf(record, expiryDays);
  return {
    fingerprint,
    aliases: [...aliases],
    title,
    os,
    release,
    architecture,
    origin,
    defaultUser,
    virtualBytes,
    fileBytes,
    boot,
    addedAt,
    ...(lastUsedAt === undefined ? {} : { lastUsedAt }),
    ...(isPinned === undefined ? {} : { isPinned }),
    ...(expiresAtMs === undefined ? {} : { expiresAt: new Date(expiresAtMs).toISOString() }),
    ...(source === undefined ? {} : { sourceUrl: source.url, verification: source.verification }),
    ...(source?.version === undefined ? {} : { version: source.version }),
  };
}
