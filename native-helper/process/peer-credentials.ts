// SPDX-License-Identifier: MIT
import type { Socket } from 'node:net';
import koffi from 'koffi';
import type { Actor } from '../core/seams/operation.ts';

/** From asm-generic/socket.h, which x86 and arm64 share. */
const solSocket = 1;
const soPeercred = 17;

/** struct ucred of unix(7): pid, uid, gid, 32 bits each. */
const ucredBytes = 12;

/** What the kernel reports where it knows no credentials (unix(7), credentials of a socket without a peer). */
const noId = 0xffff_ffff;

const getsockopt = koffi
  .load('libc.so.6')
  .func('int getsockopt(int fd, int level, int name, _Out_ void *val, _Inout_ uint32_t *len)');

/**
 * Who is at the other end of a connected unix socket, as the kernel noted it at connect(2). Throws
 * where that cannot be learnt, so that nobody is taken for somebody.
 */
export function peerCredentials(socket: Socket): Actor {
  const fd = descriptorOf(socket);
  if (fd === undefined) throw new Error('the socket has no descriptor');
  const credentials = Buffer.alloc(ucredBytes);
  const length = [ucredBytes];
  if (getsockopt(fd, solSocket, soPeercred, credentials, length) !== 0)
    throw new Error(`SO_PEERCRED failed with errno ${koffi.errno()}`);
  const actor = { pid: credentials.readInt32LE(0), uid: credentials.readUInt32LE(4), gid: credentials.readUInt32LE(8) };
  if (length[0] !== ucredBytes || actor.uid === noId || actor.gid === noId)
    throw new Error('the peer has no credentials');
  return actor;
}

/** The descriptor of an open socket, to which Node has no public way; it stays the socket's. */
export function descriptorOf(socket: Socket): number | undefined {
  const fd = (socket as { _handle?: { fd?: unknown } })._handle?.fd;
  return typeof fd === 'number' && fd >= 0 ? fd : undefined;
}
