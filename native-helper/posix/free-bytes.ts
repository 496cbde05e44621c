// SPDX-License-Identifier: MIT
import { statfs } from 'node:fs/promises';

/** Bytes that are free for anybody on the file system of a path: without what is kept back for root (statfs(2)). */
export async function freeBytes(path: string): Promise<number> {
  const { bavail, bsize } = await statfs(path);
  return bavail * bsize;
}
