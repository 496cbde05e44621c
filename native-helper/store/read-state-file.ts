// SPDX-License-Identifier: MIT
import { storageError } from '../core/errors.ts';
import { openRegular } from '../posix/open-regular.ts';

/** No file of the state comes near: a bound for one that is none of ours. */
const limitBytes = 64 * 1024 ** 2;

/**
 * The text of a file of the state; undefined where there is none. Only a regular file is read: a directory, a link or a
 * pipe in its place is a fault like an unreadable disk, and keeps nobody waiting.
 *
 * @throws HelperError storage.failed
 */
export async function readStateFile(file: string): Promise<string | undefined> {
  try {
    await using handle = await openRegular(file);
    const { size } = await handle.stat();
    if (size > limitBytes) throw new Error(`it has ${size} bytes`);
    return await handle.readFile('utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw storageError('read', file, error);
  }
}
