// SPDX-License-Identifier: MIT
import { close, constants as files, fstat } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { constants as system } from 'node:os';
import { promisify } from 'node:util';
import koffi from 'koffi';
import { atSelf, type EntryName } from './at.ts';
import { oPath } from './o-path.ts';
import { systemError } from './system-error.ts';

/** asm/unistd.h: alike on x86-64 and arm64, as all calls since Linux 5.1. glibc has no function for it. */
const openat2Number = 437;
/** asm-generic/fcntl.h and linux/openat2.h, alike on both. O_NOFOLLOW and O_DIRECTORY are not, and are Node's. */
const oCloexec = 0o2000000;
const resolve = { noXdev: 0x01, noMagiclinks: 0x02, noSymlinks: 0x04, beneath: 0x08 } as const;
/** struct open_how: flags, mode and resolve, 64 bits each. */
const howBytes = 24;

interface Beneath {
  /** Of open(2); O_CLOEXEC is Node's own. */
  readonly flags: number;
  /** Whether what is mounted below the directory may be opened. */
  readonly mayCrossMounts?: boolean;
}

const openat2 = koffi
  .load('libc.so.6')
  .func('long syscall(long number, long directory, const void *path, const void *how, size_t size)');
const closeDescriptor = promisify(close);
const statDescriptor = promisify(fstat);

/**
 * Opens what lies below an opened directory, by a path of any length on which no component is a link, and which does
 * not leave the directory (openat2(2)). What is there is looked at before it is opened for real, so that no FIFO,
 * device or socket is ever opened: those are EINVAL. The caller closes the handle.
 *
 * @throws NodeJS.ErrnoException ELOOP at a link, EXDEV at a mount or on the way out
 */
export async function openBeneath(
  directory: number,
  path: EntryName,
  { flags, mayCrossMounts = false }: Beneath,
): Promise<FileHandle> {
  const how = Buffer.alloc(howBytes);
  const wantsDirectory = (flags & files.O_DIRECTORY) !== 0;
  how.writeBigUInt64LE(BigInt(oPath | oCloexec | (wantsDirectory ? files.O_DIRECTORY : 0)), 0);
  how.writeBigUInt64LE(
    BigInt(resolve.noMagiclinks | resolve.noSymlinks | resolve.beneath | (mayCrossMounts ? 0 : resolve.noXdev)),
    16,
  );
  const found = await call(directory, Buffer.concat([Buffer.from(path), Buffer.alloc(1)]), how);
  try {
    return await openFound(found, flags, String(path));
  } finally {
    await closeDescriptor(found);
  }
}

async function openFound(found: number, flags: number, path: string): Promise<FileHandle> {
  const stats = await statDescriptor(found);
  if (!stats.isFile() && !stats.isDirectory()) throw systemError('openat2', system.errno.EINVAL, path);
  // the link leads to what was found, and is to be followed
  return await open(atSelf(found), flags & ~files.O_NOFOLLOW);
}

/**
 * On a thread, for a file system may be slow. errno is a thread's own, so the call that failed is asked once more here.
 */
async function call(directory: number, path: Buffer, how: Buffer): Promise<number> {
  for (let attempt = 0; ; attempt += 1) {
    const found = await new Promise<number>((done, fail) => {
      openat2.async(openat2Number, directory, path, how, howBytes, (error: Error | null, result: number | bigint) => {
        if (error) fail(error);
        else done(Number(result));
      });
    });
    if (found >= 0) return found;
    const again = Number(openat2(openat2Number, directory, path, how, howBytes));
    if (again >= 0) return again;
    const errno = koffi.errno();
    // linux/openat2.h: EAGAIN where something was renamed or mounted meanwhile
    if (errno !== system.errno.EAGAIN || attempt >= 100)
      throw systemError('openat2', errno, String(path.subarray(0, -1)));
  }
}
