// SPDX-License-Identifier: MIT
import { constants, type Stats } from 'node:fs';
import { lstat, open } from 'node:fs/promises';
import path from 'node:path';
import { sentence } from '#messages/say.ts';
import { HelperError, messageOf } from '../../core/errors.ts';
import type { Reason } from '../../core/said-error.ts';

/** A file that says how machines are confined is small; a larger one is not what it should be. */
const largestBytes = 1024 * 1024;
const writableByOthers = 0o022;

/**
 * The text of a file that only root could have written; undefined when there is none. Neither it nor its directory
 * may belong to another user or be writable by one, and it is no link: otherwise its word would be somebody else's.
 *
 * @throws HelperError confinement.administrator-file
 */
export async function readTrustedFile(file: string): Promise<string | undefined> {
  try {
    if (!(await isTrustedDirectory(path.dirname(file)))) return undefined;
    await using handle = await open(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    const stats = await handle.stat();
    if (!stats.isFile()) throw refused(file, sentence('security.no-regular-file'));
    requireRoots(file, stats);
    if (stats.size > largestBytes) throw refused(file, sentence('security.too-many-bytes', { most: largestBytes }));
    return await handle.readFile('utf8');
  } catch (error) {
    if (error instanceof HelperError) throw error;
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return undefined;
    throw refused(file, code === 'ELOOP' ? sentence('security.is-link') : messageOf(error));
  }
}

/** False when there is none. */
export async function isTrustedDirectory(directory: string): Promise<boolean> {
  const stats = await lstat(directory).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw refused(directory, error.message);
  });
  if (!stats) return false;
  if (!stats.isDirectory()) throw refused(directory, sentence('security.no-directory'));
  requireRoots(directory, stats);
  return true;
}

function requireRoots(file: string, stats: Stats): void {
  if (stats.uid !== 0) throw refused(file, sentence('security.belongs-to-user', { uid: stats.uid }));
  if ((stats.mode & writableByOthers) !== 0)
    throw refused(file, sentence('security.writable-by-others', { mode: (stats.mode & 0o7777).toString(8) }));
}

/** What nobody can rely on is not used, and nothing is started without it. */
export function refused(file: string, reason: Reason): HelperError {
  return new HelperError('confinement.administrator-file', { path: file, reason });
}
