// SPDX-License-Identifier: MIT
import type { VaultImage } from '#contract/images.ts';
import type { ImageRecord } from './image-record.ts';

const dayMs = 24 * 60 * 60_000;

/** When an image has not been used for long enough; undefined for those that cannot be fetched again by themselves. */
export function expiryOf(record: ImageRecord, expiryDays: number): number | undefined {
  if (record.origin !== 'remote' || record.isPinned === true) return undefined;
  return Date.parse(record.lastUsedAt ?? record.addedAt) + expiryDays * dayMs;
}

export function isExpired(record: ImageRecord, expiryDays: number, nowMs: number): boolean {
  return (expiryOf(record, expiryDays) ?? Infinity) <= nowMs;
}

/** What is told of an image. */
export function publicPart(record: ImageRecord, expiryDays: number, isInUse: boolean): Omit<VaultImage, 'usedBy'> {
  const { fingerprint, aliases, title, os, release, architecture, origin, defaultUser, virtualBytes, fileBytes, boot, addedAt, lastUsedAt, isPinned, source } = record;
  const expiresAtMs = isInUse ? undefined : expiryOf(record, expiryDays);
  return {
    fingerprint, aliases, title, os, release, architecture, origin, defaultUser, virtualBytes, fileBytes, boot, addedAt,
    ...(lastUsedAt === undefined ? {} : { lastUsedAt }),
    ...(isPinned === undefined ? {} : { isPinned }),
    ...(expiresAtMs === undefined ? {} : { expiresAt: new Date(expiresAtMs).toISOString() }),
    ...(source === undefined ? {} : { sourceUrl: source.url, verification: source.verification }),
    ...(source?.version === undefined ? {} : { version: source.version }),
  };
}
