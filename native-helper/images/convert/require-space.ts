// SPDX-License-Identifier: MIT
import { formatBytes } from '#contract/units.ts';
import { HelperError } from '../../core/errors.ts';
import { freeBytes } from '../../posix/free-bytes.ts';

/** Left free on the vault's file system. */
const reserveBytes = 64 * 1024 ** 2;

/** What may still be written at `place`, a file or a directory. */
export async function writableBytes(place: string): Promise<number> {
  return Math.max(0, (await freeBytes(place)) - reserveBytes);
}

/** @throws HelperError storage.disk-full */
export async function requireSpace(place: string, bytes: number): Promise<void> {
  const free = await writableBytes(place);
  if (free < bytes)
    throw new HelperError('storage.disk-full', { path: place, free: formatBytes(free), needed: formatBytes(bytes) });
}
