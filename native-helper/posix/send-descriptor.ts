// SPDX-License-Identifier: MIT
import koffi from 'koffi';

const vector = koffi.struct('iovec', { base: 'void *', length: 'size_t' });
const message = koffi.struct('msghdr', {
  name: 'void *',
  nameLength: 'uint32_t',
  vectors: koffi.pointer(vector),
  vectorCount: 'size_t',
  control: 'void *',
  controlLength: 'size_t',
  flags: 'int',
});
const sendmsg = koffi.load('libc.so.6').func('sendmsg', 'int64_t', ['int', koffi.pointer(message), 'int']);

// asm-generic/socket.h and linux/socket.h, shared by x86 and arm64; struct cmsghdr is a size_t and two ints (cmsg(3))
const solSocket = 1;
const scmRights = 1;
const doNotWait = 0x40;
const noSignal = 0x4000;
const tryAgain = 11;
const headerBytes = 16;
const descriptorBytes = 4;

/**
 * Sends bytes over a connected unix socket, and with them a descriptor (SCM_RIGHTS, unix(7)). Both stay the caller's.
 * All or nothing; it does not wait: false where there is no room.
 *
 * @throws Error with why
 */
export function sendDescriptor(socket: number, bytes: Buffer, descriptor: number): boolean {
  const control = Buffer.alloc(headerBytes + 8);
  control.writeBigUInt64LE(BigInt(headerBytes + descriptorBytes), 0);
  control.writeInt32LE(solSocket, 8);
  control.writeInt32LE(scmRights, 12);
  control.writeInt32LE(descriptor, headerBytes);
  const sent = Number(
    sendmsg(
      socket,
      {
        name: null,
        nameLength: 0,
        vectors: [{ base: bytes, length: bytes.length }],
        vectorCount: 1,
        control,
        controlLength: control.length,
        flags: 0,
      },
      doNotWait | noSignal,
    ),
  );
  if (sent < 0 && koffi.errno() === tryAgain) return false;
  if (sent !== bytes.length) throw new Error(`sendmsg gave ${sent} (errno ${koffi.errno()})`);
  return true;
}
