// SPDX-License-Identifier: MIT
import { execFile } from 'node:child_process';
import { copyFile, mkdir, symlink } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';

/**
 * Copies a program of this computer with all that it is linked to into a folder, and its loader as `ld.so`: there
 * `ld.so --library-path FOLDER FOLDER/PROGRAM` runs it in any guest of this architecture.
 */
export async function copyProgram(program: string, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const { stdout } = await promisify(execFile)('ldd', [program]);
  for (const [, library = ''] of stdout.matchAll(/(\/\S+) \(0x/g))
    await copyFile(library, path.join(folder, path.basename(library)));
  await copyFile(program, path.join(folder, path.basename(program)));
  const loader = /(\/\S*ld-linux\S*) \(0x/.exec(stdout)?.[1] ?? '';
  await symlink(path.basename(loader), path.join(folder, 'ld.so')).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
  });
}
