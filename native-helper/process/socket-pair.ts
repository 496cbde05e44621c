// SPDX-License-Identifier: MIT
import koffi from 'koffi';
import { HelperError } from '../core/errors.ts';

const socketpair = koffi.load('libc.so.6').func('int socketpair(int domain, int type, int protocol, _Out_ int *ends)');
const afUnix = 1;
const sockStream = 1;
/** Numbered alike on x86-64 and arm64 (linux/net.h, asm-generic/fcntl.h): no other child inherits the ends. */
const sockCloexec = 0o2000000;

/**
 * Two descriptors that are each other's other end (socketpair(2)); the caller closes both.
 * @throws HelperError internal.bug
 */
export function socketPair(): readonly [number, number] {
  const ends = [-1, -1] as [number, number];
  if (socketpair(afUnix, sockStream | sockCloexec, 0, ends) !== 0)
    throw new HelperError('internal.bug', { reason: `socketpair failed (errno ${koffi.errno()})` });
  return ends;
}
