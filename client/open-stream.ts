// SPDX-License-Identifier: MIT
import type { Socket } from 'node:net';
import { limits, streamGreeting } from '#contract/protocol.ts';
import { streamAccepted } from '#contract/streams.ts';
import { connectSocket } from './connect-socket.ts';
import { HelperCallError } from './helper-call-error.ts';

/**
 * Opens the byte stream of a token. The socket may be half-closed: `end()` tells the helper that
 * no more input comes. Rejects with stream.unknown when the token is spent, late or another user's.
 */
export async function openStream(path: string, token: string, signal?: AbortSignal): Promise<Socket> {
  const socket = await connectSocket(path, signal);
  const deadline = AbortSignal.any([AbortSignal.timeout(limits.messageTimeoutMs), ...(signal ? [signal] : [])]);
  const onAbort = (): void => void socket.destroy();
  deadline.addEventListener('abort', onAbort, { once: true });
  try {
    socket.write(`${streamGreeting} ${token}\n`);
    const answer = await readLine(socket, streamAccepted.length);
    if (answer === streamAccepted) return socket;
    socket.destroy();
    throw HelperCallError.of('stream.unknown', {});
  } finally {
    deadline.removeEventListener('abort', onAbort);
  }
}

/**
 * The first line with its newline, at most `maxBytes`; what follows stays in the socket. Empty when the socket ends
 * before.
 */
async function readLine(socket: Socket, maxBytes: number): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  let held = Buffer.alloc(0);
  const onReadable = (): void => {
    const chunk = socket.read() as Buffer | null;
    if (chunk === null) return;
    held = Buffer.concat([held, chunk]);
    const end = held.subarray(0, maxBytes).indexOf(0x0a);
    if (end < 0 && held.length < maxBytes) return;
    const rest = held.subarray(end + 1);
    socket.off('readable', onReadable);
    if (rest.length > 0) socket.unshift(rest);
    // Node forgets that somebody listened for 'readable' one tick later; only then 'data' and pipe work.
    setImmediate(() => resolve(held.toString('latin1', 0, end + 1)));
  };
  const onClose = (): void => resolve('');
  // Kept for good: a stream that breaks tells its reader by 'close', not by an uncaught error.
  socket.on('error', onClose);
  socket.on('readable', onReadable).once('end', onClose).once('close', onClose);
  const line = await promise;
  socket.off('end', onClose).off('close', onClose).off('readable', onReadable);
  return line;
}
