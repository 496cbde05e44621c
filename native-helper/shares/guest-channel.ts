// SPDX-License-Identifier: MIT
import type { Duplex } from 'node:stream';
import type { ClientChannel } from 'ssh2';
import { HelperError } from '../core/errors.ts';
import { quoteCommand } from '../guest/shell-quote.ts';
import type { SshConnection } from '../guest/ssh-connection.ts';
import type { AttachRequest } from './attached-share.ts';
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
    const work = runInGuest(connection, await scripts.unmount(mount, report));
    await (unmountLimitMs === undefined ? work : within(unmountLimitMs, work));
  };
  const ended = firstEnd({ server, connection, channel }, order.atEnd);
  report.listen(channel.stderr);
  join({ server, stream: channel }, onBytes);
  try {
    await report.until(() => report.isMounted, ended, signal);
  } catch (error) {
    await unmount();
    throw error;
  }
  return { isTargetMade: report.isTargetMade, ended, unmount };
}

/** Carries bytes between a server and what leads into the guest. */
export function join({ server, stream }: { readonly server: PipedServer; readonly stream: Duplex }, onBytes: AttachRequest['onBytes']): void {
  stream.on('error', () => undefined); // its 'close' follows
  server.stdout.on('error', () => undefined);
  server.stdout.on('data', (chunk: Buffer) => onBytes(chunk.length, 0));
  stream.on('data', (chunk: Buffer) => onBytes(0, chunk.length));
  server.stdout.pipe(stream);
  stream.pipe(server.stdin);
}

/** Resolves with what ended them first; `inGuest` says what the end of the channel means. */
async function firstEnd({ server, connection, channel }: { readonly server: PipedServer; readonly connection: SshConnection; readonly channel: ClientChannel }, inGuest: string): Promise<HelperError> {
  const closed = new Promise<void>((resolve) => { channel.once('close', resolve); });
  return await Promise.race([
    server.ended.then((reason) => new HelperError('mount.server-ended', { reason })),
    connection.closed.then(() => new HelperError('mount.lost')),
    closed.then(() => new HelperError('mount.failed', { reason: inGuest })),
  ]);
}
