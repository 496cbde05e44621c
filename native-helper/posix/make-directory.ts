// SPDX-License-Identifier: MIT
import { mkdir } from 'node:fs/promises';
import path from 'node:path';

/**
 * Makes a directory, and those on the way to it with the usual mode 0755, where they are not there yet. As `mkdir` with
 * `recursive`, which tells ENOENT where a disk is full or fails: it looks for what it could not make.
 */
export async function makeDirectory(directory: string, mode: number): Promise<void> {
  try {
    await mkdir(directory, { mode });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') return;
    if (code !== 'ENOENT' || path.dirname(directory) === directory) throw error;
    await makeDirectory(path.dirname(directory), 0o755);
    await makeDirectory(directory, mode);
  }
}
