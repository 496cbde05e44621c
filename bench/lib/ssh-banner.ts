// SPDX-License-Identifier: MIT
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

/** Tries port 22 until a server says `SSH-2.0-…` (RFC 4253, 4.2). */
export async function waitForSsh(address: string, signal: AbortSignal): Promise<void> {
  while (!await speaksSsh(address)) {
    signal.throwIfAborted();
    await delay(10);
  }
}

function speaksSsh(address: string): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const socket = connect({ host: address, port: 22 });
  socket.setTimeout(1000, () => resolve(false));
  socket.once('data', (data) => resolve(data.toString('latin1').startsWith('SSH-')));
  socket.once('error', () => resolve(false));
  socket.once('close', () => resolve(false));
  return promise.finally(() => socket.destroy());
}
