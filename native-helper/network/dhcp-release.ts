// SPDX-License-Identifier: MIT
import { randomBytes } from 'node:crypto';
import koffi from 'koffi';
import type { MacAddress } from '#contract/names.ts';
import { sentence } from '#messages/say.ts';
import { HelperError } from '../core/errors.ts';
import { parseIpv4 } from './ipv4.ts';

const libc = koffi.load('libc.so.6');
const socket = libc.func('int socket(int domain, int type, int protocol)');
const setsockopt = libc.func('int setsockopt(int fd, int level, int option, void *value, uint length)');
const sendto = libc.func(
  'long sendto(int fd, void *data, size_t length, int flags, void *address, uint addressLength)',
);
const close = libc.func('int close(int fd)');

// socket(7), ip(7)
const inet = 2;
const datagram = 2;
const socketLevel = 1;
const bindToDevice = 25;

interface Release {
  readonly bridge: string;
  readonly server: string;
  readonly mac: MacAddress;
  readonly address: string;
}

/**
 * Ends a lease in the guest's name (DHCPRELEASE, RFC 2131 §4.4.4), the only way to make a running dnsmasq forget one.
 * Bound to the bridge because dnsmasq's socket is; Node cannot do that, so libc is called. Throws network.setup-failed.
 */
export function releaseLease(release: Release): void {
  const fd = socket(inet, datagram, 0) as number;
  if (fd < 0) throw failure('socket');
  try {
    const device = Buffer.from(`${release.bridge}\0`);
    if (setsockopt(fd, socketLevel, bindToDevice, device, device.length) !== 0) throw failure('SO_BINDTODEVICE');
    const message = releaseMessage(release);
    const target = Buffer.alloc(16);
    target.writeUInt16LE(inet, 0);
    target.writeUInt16BE(67, 2);
    target.writeUInt32BE(parseIpv4(release.server) ?? 0, 4);
    if (Number(sendto(fd, message, message.length, 0, target, target.length)) < 0) throw failure('sendto');
  } finally {
    close(fd);
  }
}

/** RFC 2131 figure 1 and the options message type 7 (release) and server identifier (RFC 2132 §9). */
export function releaseMessage(release: Omit<Release, 'bridge'>): Buffer {
  const message = Buffer.alloc(300);
  message.set([1, 1, 6, 0], 0);
  randomBytes(4).copy(message, 4);
  message.writeUInt32BE(parseIpv4(release.address) ?? 0, 12);
  Buffer.from(release.mac.replaceAll(':', ''), 'hex').copy(message, 28);
  const server = Buffer.alloc(4);
  server.writeUInt32BE(parseIpv4(release.server) ?? 0);
  message.set([0x63, 0x82, 0x53, 0x63, 53, 1, 7, 54, 4, ...server, 255], 236);
  return message;
}

function failure(call: string): HelperError {
  return new HelperError('network.setup-failed', {
    reason: sentence('network.call-failed', { call, errno: koffi.errno() }),
  });
}
