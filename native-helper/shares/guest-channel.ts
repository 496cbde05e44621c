// SPDX-License-Identifier: MIT
import type { ClientChannel } from 'ssh2';
import { HelperError } from '../core/errors.ts';
import { quoteCommand } from '../guest/shell-quote.ts';
import type { SshConnection } from '../guest/ssh-connection.ts';
import { mountLimitMs, type AttachRequest } from './attached-share.ts';
import { GuestReport } from './guest-report.ts';
import { runInGuest, within } from './guest-run.ts';
import type { GuestScripts } from './guest-scripts.ts';
import type { PipedServer } from './piped-server.ts';

interface MountOrder {
  readonly server: PipedServer;
  readonly connection: SshConnection;
  readonly scripts: GuestScripts;
  /** What mounts in the guest, and speaks to the server on its standard streams. */
  readonly command: readonly string[];
  /** What the end of the command means. */
  readonly atEnd: string;
  /** For guests whose unmount may wait for a server that is gone. */
  readonly unmountLimitMs?: number;
}

export interface GuestMount {
  readonly isTargetMade: boolean;
  /** Resolves with what ended it. */
  readonly ended: Promise<HelperError>;
  readonly unmount: () => Promise<void>;
}

/** Mounts over a channel that is joined to a server here. What was mounted when it fails is unmounted. */
export async function mountOverChannel(order: MountOrder, { mount, onBytes }: AttachRequest, signal: AbortSignal): Promise<GuestMount> {
  const { server, connection, scripts, unmountLimitMs } = order;
  const { channel } = await connection.exec(quoteCommand(order.command));
  const report = new GuestReport(mount.target);
  const unmount = async (): Promise<void> => {
    if (!connection.isOpen) return;
    const work = runInGuest(connection, await scripts.unmount({ ...mount, isTargetOurs: mount.isTargetOurs === true || report.isTargetMade }));
    await (unmountLimitMs === undefined ? work : within(unmountLimitMs, work));
  };
  const joined = { server, connection, channel };
  const ended = firstEnd(joined, order.atEnd);
  join(joined, onBytes);
  try {
    await reported(() => report.isMounted, { channel, ended, report }, signal);
  } catch (error) {
    await unmount();
    throw error;
  }
  return { isTargetMade: report.isTargetMade, ended, unmount };
}

interface JoinedServer {
  readonly server: PipedServer;
  readonly connection: SshConnection;
  readonly channel: ClientChannel;
}

/** Carries bytes between a server and a channel. */
function join({ server, channel }: JoinedServer, onBytes: AttachRequest['onBytes']): void {
  channel.on('error', () => undefined); // its 'close' follows
  server.stdout.on('error', () => undefined);
  server.stdout.on('data', (chunk: Buffer) => onBytes(chunk.length, 0));
  channel.on('data', (chunk: Buffer) => onBytes(0, chunk.length));
  server.stdout.pipe(channel);
  channel.pipe(server.stdin);
}

/** Resolves with what ended them first; `inGuest` says what the end of the channel means. */
async function firstEnd({ server, connection, channel }: JoinedServer, inGuest: string): Promise<HelperError> {
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
