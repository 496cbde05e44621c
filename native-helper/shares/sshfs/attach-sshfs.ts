// SPDX-License-Identifier: MIT
import type { ClientChannel } from 'ssh2';
import { HelperError } from '../../core/errors.ts';
import { quoteCommand } from '../../guest/shell-quote.ts';
import { SshConnection } from '../../guest/ssh-connection.ts';
import { keepAlive, mountLimitMs, type AttachedShare, type AttachRequest } from '../attached-share.ts';
import { GuestReport } from '../guest-report.ts';
import { runInGuest, within } from '../guest-run.ts';
import type { GuestScripts } from '../guest-scripts.ts';
import type { ShareServer, ShareServers } from './share-server.ts';

/**
 * Gets one folder into the guest: the server in its jail here, sshfs over SSH there, the bytes of the
 * one carried to the other. A connection of its own, so that one share's traffic and end are not another's.
 */
export async function attachSshfs(servers: ShareServers, scripts: GuestScripts, request: AttachRequest, signal: AbortSignal): Promise<AttachedShare> {
  await using undo = new AsyncDisposableStack();
  const server = await servers.start(request.instance, request.mount, signal);
  undo.defer(() => server.stop());
  const connection = await SshConnection.open(await request.target(), signal, keepAlive);
  undo.defer(() => connection.close());
  const { channel } = await connection.exec(quoteCommand(await scripts.mountSshfs(request.mount, request.user)));
  const report = new GuestReport(request.mount.target);
  const unmount = async (): Promise<void> => {
    const isTargetOurs = request.mount.isTargetOurs === true || report.isTargetMade;
    if (connection.isOpen) await runInGuest(connection, await scripts.unmount({ ...request.mount, isTargetOurs }));
  };
  const ended = firstEnd(server, connection, channel);
  join(server, channel, request.onBytes);
  try {
    await mounted(channel, ended, report, signal);
  } catch (error) {
    await unmount();
    throw error;
  }
  const kept = undo.move();
  return {
    transport: 'sshfs',
    isTargetMade: report.isTargetMade,
    ended,
    probe: async (limitMs) => (await within(limitMs, runInGuest(connection, ['true']))) !== undefined,
    notify: async ({ mode, paths }) => { await runInGuest(connection, await scripts.notify(request.mount, mode), paths); },
    detach: async (isUnmounted) => {
      if (isUnmounted) await unmount();
      await kept.disposeAsync();
    },
  };
}

function join(server: ShareServer, channel: ClientChannel, onBytes: AttachRequest['onBytes']): void {
  channel.on('error', () => undefined); // its 'close' follows
  server.stdout.on('error', () => undefined);
  server.stdout.on('data', (chunk: Buffer) => onBytes(chunk.length, 0));
  channel.on('data', (chunk: Buffer) => onBytes(0, chunk.length));
  server.stdout.pipe(channel);
  channel.pipe(server.stdin);
}

async function firstEnd(server: ShareServer, connection: SshConnection, channel: ClientChannel): Promise<HelperError> {
  const closed = new Promise<void>((resolve) => { channel.once('close', resolve); });
  return await Promise.race([
    server.ended.then((reason) => new HelperError('mount.server-ended', { reason })),
    connection.closed.then(() => new HelperError('mount.lost')),
    closed.then(() => new HelperError('mount.failed', { reason: 'sshfs ended in the guest' })),
  ]);
}

/** Resolves when the guest says that the mount is there; rejects with what it says else. */
async function mounted(channel: ClientChannel, ended: Promise<HelperError>, report: GuestReport, signal: AbortSignal): Promise<void> {
  const ready = Promise.withResolvers<void>();
  const limit = AbortSignal.any([signal, AbortSignal.timeout(mountLimitMs)]);
  const abort = (): void => ready.reject(new HelperError('mount.failed', { reason: `it was not there after ${mountLimitMs / 1000} s` }));
  limit.addEventListener('abort', abort, { once: true });
  channel.stderr.setEncoding('utf8').on('data', (text: string) => {
    report.take(text);
    if (report.isMounted) ready.resolve();
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
