// SPDX-License-Identifier: MIT
import { lstat } from 'node:fs/promises';
import { sentence } from '#messages/say.ts';
import { HelperError } from '../../core/errors.ts';
import { type Reason, reasonFrom } from '../../core/said-error.ts';
import type { OverlayBase } from '../../core/seams/images.ts';
import type { ImageRecord } from './image-record.ts';

const writable = 0o222;

/**
 * Refuses a start on another image than the one that the instance's disk was made on. Told from the instance's record
 * and the vault's, never from the disk's own header, which its machine can write. The disk's bytes are not read: it is
 * root's, nobody may write it, and its size is that of the day it came; `berth images verify` reads it.
 *
 * @throws HelperError image.base-changed
 */
export async function checkBase(
  instance: string,
  { fingerprint, diskDigest }: OverlayBase,
  image: ImageRecord | undefined,
  disk: string,
): Promise<ImageRecord> {
  const refuse = (reason: Reason): HelperError => new HelperError('image.base-changed', { name: instance, reason });
  if (image?.fingerprint !== fingerprint)
    throw refuse(sentence('image.not-in-vault', { fingerprint: fingerprint.slice(0, 12) }));
  const actual = diskDigestOf(image);
  if (diskDigest !== undefined && actual !== undefined && actual !== diskDigest)
    throw refuse(sentence('image.other-digest', { actual: actual.slice(0, 12), expected: diskDigest.slice(0, 12) }));
  const found = await lstat(disk).catch((error: unknown) => {
    throw refuse(reasonFrom(error));
  });
  if (!found.isFile()) throw refuse(sentence('image.disk-no-regular-file', { disk }));
  if (found.uid !== process.getuid?.() || (found.mode & writable) !== 0)
    throw refuse(sentence('image.others-could-have-changed', { disk }));
  if (found.size !== image.fileBytes)
    throw refuse(sentence('image.other-size', { bytes: found.size, expected: image.fileBytes }));
  return image;
}

/** The sha256 of an image's disk; undefined in the moment before it was taken. */
export function diskDigestOf({ diskDigest, fingerprint }: ImageRecord): ImageRecord['fingerprint'] | undefined {
  return diskDigest === null ? undefined : (diskDigest ?? fingerprint);
}
