// SPDX-License-Identifier: MIT
import { constants } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { openRegular } from './open-regular.ts';

const append = constants.O_WRONLY | constants.O_APPEND;
const make = constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;

/**
 * Opens a log to append to, made where there is none: a regular file without a second name, in a directory that only
 * root changes. The caller closes the handle.
 *
 * @throws NodeJS.ErrnoException of open(2), HelperError storage.failed, as openRegular
 */
export async function openLog(file: string): Promise<FileHandle> {
  try {
    return await openRegular(file, { flags: append, mustBeSingle: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return await open(file, append | make, 0o640);
  }
}
