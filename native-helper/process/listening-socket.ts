// SPDX-License-Identifier: MIT
import { closeSync } from 'node:fs';
import koffi from 'koffi';

const libc = koffi.load('libc.so.6');
const socket = libc.func('int socket(int domain, int type, int protocol)');
const bind = libc.func('int bind(int fd, void *address, uint32_t length)');
const listen = libc.func('int listen(int fd, int backlog)');

// bits/socket.h, bits/socket_type.h; sockaddr_un is a family of two bytes and 108 of path (unix(7))
const unixFamily = 1;
const streamType = 1;
const closeOnExec = 0o2000000;
const addressBytes = 110;

/**
 * A socket that listens at a path where nothing is yet; links are not followed. Everybody may connect to it who can
 * enter its directory. The caller closes the descriptor.
 *
 * @throws Error with the path and why
 */
export function listeningSocket(path: string): number {
  const name = Buffer.from(path);
  if (name.length > addressBytes - 3) throw new Error(`the socket path ${path} is too long`);
  const fd = Number(socket(unixFamily, streamType | closeOnExec, 0));
  const address = Buffer.alloc(addressBytes);
  address.writeUInt16LE(unixFamily, 0);
  name.copy(address, 2);
  const umask = process.umask(0);
  try {
    if (fd >= 0 && bind(fd, address, name.length + 3) === 0 && listen(fd, 1) === 0) return fd;
  } finally {
    process.umask(umask);
  }
  const errno = koffi.errno();
  if (fd >= 0) closeSync(fd);
  throw new Error(`no socket at ${path} (errno ${errno})`);
}
