// SPDX-License-Identifier: MIT
import type { FileHandle } from 'node:fs/promises';
import { releaseBefore } from './punch-hole.ts';

/** Of st_blocks (stat(2)), whatever the file system. */
export const blockBytes = 512;

interface Bounds {
  /** What is kept of the end. */
  readonly keptBytes: number;
  /** More than this on the medium is given back. */
  readonly mostBytes: number;
}

/**
 * Keeps what a file that others append to takes of the medium within bounds: what counts are its blocks, not its
 * length, which whoever writes to it may choose. Returns the offset that the kept part begins at, or undefined where
 * nothing was given back.
 *
 * @param handle open for writing
 */
export async function keepNewest(handle: FileHandle, { keptBytes, mostBytes }: Bounds): Promise<number | undefined> {
  const { blocks, size } = await handle.stat();
  if (blocks * blockBytes <= mostBytes) return undefined;
  const first = Math.max(0, size - keptBytes);
  if (first > 0) await releaseBefore(handle.fd, first);
  else await handle.truncate(size); // blocks behind its end, which nobody who appends has
  return first;
}
