// SPDX-License-Identifier: MIT
import { constants } from 'node:os';
import koffi from 'koffi';
import { systemError } from './system-error.ts';

/** fcntl.h: a path is taken as it is. linux/fs.h: nothing is replaced. Alike on x86-64 and arm64. */
const atFdcwd = -100;
const renameNoReplace = 1;

const renameat2 = koffi
  .load('libc.so.6')
  .func('int renameat2(int fromDirectory, const char *from, int toDirectory, const char *to, unsigned int flags)');

/**
 * Renames, and never replaces (renameat2(2), RENAME_NOREPLACE). Names below an opened directory come from `at`.
 *
 * @throws NodeJS.ErrnoException EEXIST where something has the new name
 */
export async function renameNew(from: string, to: string): Promise<void> {
  const result = await new Promise<number>((done, fail) => {
    renameat2.async(atFdcwd, from, atFdcwd, to, renameNoReplace, (error: Error | null, code: number) => {
      if (error) fail(error);
      else done(code);
    });
  });
  // errno is the thread's own: the call that failed is asked once more, where it can be read
  if (result === 0 || renameat2(atFdcwd, from, atFdcwd, to, renameNoReplace) === 0) return;
  const errno = koffi.errno();
  throw systemError('renameat2', errno === 0 ? constants.errno.EIO : errno, to);
}
