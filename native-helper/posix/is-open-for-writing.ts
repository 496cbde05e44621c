// SPDX-License-Identifier: MIT
import { constants } from 'node:os';
import koffi from 'koffi';
import { systemError } from './system-error.ts';

/** linux/fcntl.h and asm-generic/fcntl.h. */
const setLease = 1024;
const [readLease, noLease] = [0, 2];

const fcntl = koffi.load('libc.so.6').func('int fcntl(int fd, int command, ...)');

/**
 * Whether anybody has a regular file of ours open for writing, or mapped so: the kernel grants no read lease then
 * (fcntl(2), F_SETLEASE). The lease is given back at once; it never waits. A file system that knows no leases, such as
 * NFS, tells of nobody.
 *
 * @param fd opened for reading only
 */
export function isOpenForWriting(fd: number): boolean {
  if (fcntl(fd, setLease, 'int', readLease) === 0) {
    fcntl(fd, setLease, 'int', noLease);
    return false;
  }
  const errno = koffi.errno();
  if (errno === constants.errno.EAGAIN) return true;
  if (errno === constants.errno.EINVAL) return false;
  throw systemError('fcntl', errno, `descriptor ${fd}`);
}
