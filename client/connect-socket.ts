// SPDX-License-Identifier: MIT
import { connect, type Socket } from 'node:net';
import { HelperCallError } from './helper-call-error.ts';

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such socket; the helper does not run',
  EACCES: "permission denied; this user is not in the helper's group",
  ECONNREFUSED: 'the socket is there, but nobody listens on it',
  EAGAIN: 'the helper takes no further connections now',
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
  return HelperCallError.of('helper.unreachable', { path, reason: reasons[errno] ?? error.message, errno }, error);
}
