// SPDX-License-Identifier: MIT
import { chmod, cp, readFile, readdir, stat } from 'node:fs/promises';
import path from 'node:path';

/** The lines of a list file without comments and blank lines. */
export async function readList(file: string): Promise<readonly string[]> {
  return parseList(await readFile(file, 'utf8'));
}

export function parseList(text: string): readonly string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
}

/**
 * Copies a tree of the assets into a guest's, where all may read it and what is a program may be run by all: which
 * modes the assets have themselves depends on the umask of whoever unpacked them.
 */
export async function copyGuestFiles(from: string, to: string): Promise<void> {
  await cp(from, to, { recursive: true });
  for (const name of ['', ...(await readdir(from, { recursive: true }))]) {
    const status = await stat(path.join(from, name));
    await chmod(path.join(to, name), status.isDirectory() || (status.mode & 0o100) !== 0 ? 0o755 : 0o644);
  }
}
