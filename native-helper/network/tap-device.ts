// SPDX-License-Identifier: MIT
import { closeSync, constants, openSync } from 'node:fs';
import koffi from 'koffi';
import { sentence } from '#messages/say.ts';
import { HelperError, messageOf } from '../core/errors.ts';

// linux/if_tun.h; struct ifreq is 40 bytes with the name in the first 16 (netdevice(7))
const setInterface = 0x4004_54ca;
const flags = { tap: 0x0002, noPacketInfo: 0x1000, virtioHeader: 0x4000 };
const ifreqBytes = 40;
const nameBytes = 16;

const ioctl = koffi.load('libc.so.6').func('int ioctl(int fd, unsigned long request, ...)');

/** Opens the existing tap `name`. The caller closes the descriptor. Throws network.setup-failed. */
export function openTap(name: string): number {
  let fd: number;
  try {
    fd = openSync('/dev/net/tun', constants.O_RDWR);
  } catch (error) {
    throw new HelperError(
      'network.setup-failed',
      { reason: sentence('network.tun-not-opened', { reason: messageOf(error) }) },
      { cause: error },
    );
  }
  const request = Buffer.alloc(ifreqBytes);
  request.write(name, 0, nameBytes - 1, 'latin1');
  request.writeUInt16LE(flags.tap | flags.noPacketInfo | flags.virtioHeader, nameBytes);
  if (ioctl(fd, setInterface, 'void *', request) !== 0) {
    const errno = koffi.errno();
    closeSync(fd);
    throw new HelperError('network.setup-failed', { reason: sentence('network.tap-not-opened', { name, errno }) });
  }
  return fd;
}
