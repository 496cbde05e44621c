// SPDX-License-Identifier: MIT
import { constants } from 'node:os';
import koffi from 'koffi';
import { systemError } from './system-error.ts';

/** linux/falloc.h: the blocks go, the file keeps its length. */
const punchHole = 0x02 | 0x01;

const fallocate = koffi.load('libc.so.6').func('int fallocate(int fd, int mode, int64_t offset, int64_t length)');

/**
 * Gives back the blocks of a file's beginning (fallocate(2), FALLOC_FL_PUNCH_HOLE): it reads as zeros from then on, and
 * what follows stays where it is.
 *
 * @throws NodeJS.ErrnoException EOPNOTSUPP where the file system cannot
 */
export async function releaseBefore(fd: number, offset: number): Promise<void> {
  const result = await new Promise<number>((done, fail) => {
    fallocate.async(fd, punchHole, 0, offset, (error: Error | null, code: number) => {
      if (error) fail(error);
      else done(code);
    });
  });
  // errno is the thread's own: the call that failed is asked once more, where it can be read
  if (result === 0 || fallocate(fd, punchHole, 0, offset) === 0) return;
  const errno = koffi.errno();
  throw systemError('fallocate', errno === 0 ? constants.errno.EIO : errno, `descriptor ${fd}`);
}
