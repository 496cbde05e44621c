// SPDX-License-Identifier: MIT
import { constants } from 'node:fs';
import { open, readlink, type FileHandle } from 'node:fs/promises';
import { atSelf } from '../../../posix/at.ts';
import { oPath } from '../../../posix/o-path.ts';
import { refuse } from './refusal.ts';

const { O_NONBLOCK, O_RDONLY, O_RDWR } = constants;

/**
 * Prints what a path is, a file's inode and birth, and where that really is, as grant-source.sh does for everybody but
 * root. A file is opened, because only that proves the right; a device is not, because opening one can have effects.
 */
export async function look([mode = '', path = '']: readonly string[]): Promise<void> {
  try {
    const found = await open(path, oPath); // finds it, and opens nothing
    process.stdout.write(await answerOf(found, mode));
  } catch (error) {
    refuse(path, error, 1);
  }
}

async function answerOf(found: FileHandle, mode: string): Promise<Buffer> {
  const stats = await found.stat({ bigint: true });
  const place = await readlink(atSelf(found.fd), { encoding: 'buffer' });
  if (stats.isBlockDevice() || stats.isCharacterDevice()) return Buffer.concat([Buffer.from('device '), place]);
  if (stats.isDirectory()) throw new Error('it is a folder');
  if (!stats.isFile()) throw new Error('it is neither a file nor a device');
  await (await open(atSelf(found.fd), (mode === 'rw' ? O_RDWR : O_RDONLY) | O_NONBLOCK)).close();
  return Buffer.concat([Buffer.from(`file ${stats.ino} ${asSeconds(stats.birthtimeNs)} `), place]);
}

/** As stat(1) has it by `%.9W`: bind-given.sh compares. */
function asSeconds(nanoseconds: bigint): string {
  const digits = String(nanoseconds).padStart(10, '0');
  return `${digits.slice(0, -9)}.${digits.slice(-9)}`;
}
