// SPDX-License-Identifier: MIT
import { statfs } from 'node:fs/promises';
import { formatBytes } from '#contract/units.ts';
import { HelperError } from '../core/errors.ts';

/** Left free on the vault's file system. */
const reserveBytes = 64 * 1024 ** 2;

/** What may still be written at `place`, a file or a directory. */
export async function freeBytes(place: string): Promise<number> {
  const { bavail, bsize } = await statfs(place);
  return Math.max(0, bavail * bsize - reserveBytes);
}

/** @throws HelperError storage.disk-full */
export async function requireSpace(place: string, bytes: number): Promise<void> {
  const free = await freeBytes(place);
  if (free < bytes)
    throw new HelperError('storage.disk-full', { path: place, free: formatBytes(free), needed: formatBytes(bytes) });
}
