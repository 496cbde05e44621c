// SPDX-License-Identifier: MIT
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

/**
 * A packet that is lost while the guest's network comes up would be sent again after a second: the figure would come in
 * seconds.
 */
const connectLimitMs = 100;
const greetingLimitMs = 1000;

/** Tries port 22 until a server says `SSH-2.0-…` (RFC 4253, 4.2). */
export async function waitForSsh(address: string, signal: AbortSignal): Promise<void> {
  while (!(await speaksSsh(address))) {
    signal.throwIfAborted();
    await delay(10);
  }
}

function speaksSsh(address: string): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const socket = connect({ host: address, port: 22 });
  socket.setTimeout(connectLimitMs, () => resolve(false));
  socket.once('connect', () => socket.setTimeout(greetingLimitMs));
  socket.once('data', (data) => resolve(data.toString('latin1').startsWith('SSH-')));
  socket.once('error', () => resolve(false));
  socket.once('close', () => resolve(false));
  return promise.finally(() => socket.destroy());
}
