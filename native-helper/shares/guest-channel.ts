// SPDX-License-Identifier: MIT
import type { Sentence } from '#messages/sentence.ts';
import type { Duplex } from 'node:stream';
import { HelperError } from '../core/errors.ts';
import { quoteCommand } from '../guest/shell-quote.ts';
import type { SshConnection } from '../guest/ssh-connection.ts';
import type { AttachRequest } from './attached-share.ts';
import { farewell } from './farewell.ts';
import { GuestReport } from './guest-report.ts';
import { runInGuest } from './guest-run.ts';
import type { GuestScripts } from './guest-scripts.ts';
import type { PipedServer } from './piped-server.ts';

interface MountOrder {
  readonly server: PipedServer;
  readonly connection: SshConnection;
  readonly scripts: GuestScripts;
  /** What mounts in the guest, and speaks to the server on its standard streams. */
  readonly command: readonly string[];
  /** What the end of the command means. */
  readonly atEnd: Sentence;
}

export interface GuestMount {
  readonly isTargetMade: boolean;
  /** Resolves with what ended it. */
  readonly ended: Promise<HelperError>;
  /** Until it is done, or `guestOver` is aborted. */
  readonly unmount: (guestOver: AbortSignal) => Promise<void>;
}

/** Mounts over a channel that is joined to a server here. What was mounted when it fails is unmounted. */
export async function mountOverChannel(
  order: MountOrder,
  { mount, onBytes }: AttachRequest,
  signal: AbortSignal,
): Promise<GuestMount> {
  const { server, connection, scripts } = order;
  const { channel, stderr, ended: over } = await connection.exec(quoteCommand(order.command), signal);
  const report = new GuestReport(mount.target);
  const unmount = async (guestOver: AbortSignal): Promise<void> => {
    if (!connection.isOpen) return;
    // it does not answer: its end is its own
    await runInGuest(connection, await scripts.unmount(mount, report), guestOver).catch(() => undefined);
  };
  const ended = firstEnd({ server, connection, over }, order.atEnd);
  report.listen(stderr);
  join({ server, stream: channel }, onBytes);
  try {
    await report.until(() => report.isMounted, ended, signal);
  } catch (error) {
    await unmount(farewell(signal));
    throw error;
  }
  return { isTargetMade: report.isTargetMade, ended, unmount };
}

/** Carries bytes between a server and what leads into the guest. */
export function join(
  { server, stream }: { readonly server: PipedServer; readonly stream: Duplex },
  onBytes: AttachRequest['onBytes'],
): void {
  stream.on('error', () => undefined); // its 'close' follows
  server.stdout.on('error', () => undefined);
  server.stdout.on('data', (chunk: Buffer) => onBytes(chunk.length, 0));
  stream.on('data', (chunk: Buffer) => onBytes(0, chunk.length));
  server.stdout.pipe(stream);
  stream.pipe(server.stdin);
}

/** Resolves with what ended them first; `inGuest` says what the end of the channel means. */
async function firstEnd(
  {
    server,
    connection,
    over,
  }: { readonly server: PipedServer; readonly connection: SshConnection; readonly over: Promise<unknown> },
  inGuest: Sentence,
): Promise<HelperError> {
  return await Promise.race([
    server.ended.then((reason) => new HelperError('mount.server-ended', { reason })),
    connection.closed.then(() => new HelperError('mount.lost')),
    over.then(() => new HelperError('mount.failed', { reason: inGuest })),
  ]);
}
