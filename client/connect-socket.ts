// SPDX-License-Identifier: MIT
import { connect, type Socket } from 'node:net';
import type { PlainTextId } from '#messages/en/index.ts';
import { say } from '#messages/say.ts';
import { HelperCallError } from './helper-call-error.ts';

const reasons: Readonly<Record<string, PlainTextId>> = {
  ENOENT: 'client.socket.missing',
  EACCES: 'client.socket.denied',
  ECONNREFUSED: 'client.socket.refused',
  EAGAIN: 'client.socket.full',
};

/**
 * Connects to one of the helper's sockets. Rejects with helper.unreachable, whose params carry
 * `path`, `reason` and the system's code in `errno` (ENOENT, EACCES, ECONNREFUSED, …).
 */
export async function connectSocket(path: string, signal?: AbortSignal): Promise<Socket> {
  signal?.throwIfAborted();
  const socket = connect({ path, allowHalfOpen: true });
  const { promise, resolve, reject } = Promise.withResolvers<Socket>();
  const onAbort = (): void => void socket.destroy(new Error('withdrawn'));
  signal?.addEventListener('abort', onAbort, { once: true });
  socket.once('connect', () => resolve(socket));
  socket.once('error', (error: NodeJS.ErrnoException) =>
    reject(signal?.aborted ? HelperCallError.of('request.cancelled', {}, error) : unreachable(path, error)),
  );
  try {
    return await promise;
  } finally {
    signal?.removeEventListener('abort', onAbort);
  }
}

/** The error for a socket that does not work, or does not work any more. */
export function unreachable(path: string, error: NodeJS.ErrnoException): HelperCallError {
  const errno = error.code ?? 'ELOST';
  const known = reasons[errno];
  const reason = known === undefined ? error.message : say(known);
  return HelperCallError.of('helper.unreachable', { path, reason, errno }, error);
}
