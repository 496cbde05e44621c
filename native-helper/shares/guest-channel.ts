// SPDX-License-Identifier: MIT
import type { ClientChannel } from 'ssh2';
import { HelperError } from '../core/errors.ts';
import type { SshConnection } from '../guest/ssh-connection.ts';
import { mountLimitMs, type AttachRequest } from './attached-share.ts';
import type { GuestReport } from './guest-report.ts';
import type { PipedServer } from './piped-server.ts';

/** A server here and the channel of the guest that it is served by. */
export interface JoinedServer {
  readonly server: PipedServer;
  readonly connection: SshConnection;
  readonly channel: ClientChannel;
}

/** Carries bytes between a server and a channel. */
export function join({ server, channel }: JoinedServer, onBytes: AttachRequest['onBytes']): void {
  channel.on('error', () => undefined); // its 'close' follows
  server.stdout.on('error', () => undefined);
  server.stdout.on('data', (chunk: Buffer) => onBytes(chunk.length, 0));
  channel.on('data', (chunk: Buffer) => onBytes(0, chunk.length));
  server.stdout.pipe(channel);
  channel.pipe(server.stdin);
}

/** Resolves with what ended them first; `inGuest` says what the end of the channel means. */
export async function firstEnd({ server, connection, channel }: JoinedServer, inGuest: string): Promise<HelperError> {
  const closed = new Promise<void>((resolve) => { channel.once('close', resolve); });
  return await Promise.race([
    server.ended.then((reason) => new HelperError('mount.server-ended', { reason })),
    connection.closed.then(() => new HelperError('mount.lost')),
    closed.then(() => new HelperError('mount.failed', { reason: inGuest })),
  ]);
}

/** Resolves when the guest reports what is waited for; rejects with what it says else, what ended, or that it takes too long. */
export async function reported(isReached: () => boolean, { channel, ended, report }: { readonly channel: ClientChannel; readonly ended: Promise<HelperError>; readonly report: GuestReport }, signal: AbortSignal): Promise<void> {
  const ready = Promise.withResolvers<void>();
  const limit = AbortSignal.any([signal, AbortSignal.timeout(mountLimitMs)]);
  const abort = (): void => ready.reject(new HelperError('mount.failed', { reason: `it was not there after ${mountLimitMs / 1000} s` }));
  limit.addEventListener('abort', abort, { once: true });
  channel.stderr.setEncoding('utf8').on('data', (text: string) => {
    report.take(text);
    if (isReached()) ready.resolve();
  });
  // What the guest said last may come after the news that it ended.
  void ended.then((error) => setImmediate(() => ready.reject(report.failure() ?? error)));
  try {
    await ready.promise;
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    limit.removeEventListener('abort', abort);
  }
}
