// SPDX-License-Identifier: MIT
import { closeSync } from 'node:fs';
import koffi from 'koffi';

const libc = koffi.load('libc.so.6');
const socket = libc.func('int socket(int domain, int type, int protocol)');
const bind = libc.func('int bind(int fd, void *address, uint32_t length)');
const listen = libc.func('int listen(int fd, int backlog)');
const connect = libc.func('int connect(int fd, void *address, uint32_t length)');

// bits/socket.h, bits/socket_type.h; sockaddr_un is a family of two bytes and 108 of path (unix(7))
const unixFamily = 1;
const streamType = 1;
const closeOnExec = 0o2000000;
const pathBytes = 108;

/**
 * A socket with a name where nothing is yet; links are not followed. Nobody can connect to it until whoever is given
 * the descriptor listens, and from then on the kernel names that process as the peer (SO_PEERCRED, unix(7)).
 * The caller closes it.
 *
 * @throws Error with the path and why
 */
export function boundSocket(path: string): number {
  const address = addressOf(path);
  return opened(path, (fd) => bind(fd, address, address.length) === 0);
}

/** @throws Error with the path and why */
export function listeningSocket(path: string): number {
  const fd = boundSocket(path);
  if (listen(fd, 1) === 0) return fd;
  throw failure(path, fd);
}

/**
 * A connection to a socket of this process's own that nobody waits for, which would hold this process up.
 * @throws Error with the path and why
 */
export function connectedSocket(path: string): number {
  const address = addressOf(path);
  return opened(path, (fd) => connect(fd, address, address.length) === 0);
}

function opened(path: string, use: (fd: number) => boolean): number {
  const fd = Number(socket(unixFamily, streamType | closeOnExec, 0));
  if (fd >= 0 && use(fd)) return fd;
  throw failure(path, fd);
}

function failure(path: string, fd: number): Error {
  const errno = koffi.errno();
  if (fd >= 0) closeSync(fd);
  return new Error(`no socket at ${path} (errno ${errno})`);
}

function addressOf(path: string): Buffer {
  const name = Buffer.from(path);
  if (name.length >= pathBytes || name.includes(0)) throw new Error(`the socket path ${path} is too long`);
  const address = Buffer.alloc(2 + name.length + 1);
  address.writeUInt16LE(unixFamily, 0);
  name.copy(address, 2);
  return address;
}
