// SPDX-License-Identifier: MIT
import type { ClientChannel } from 'ssh2';
import type { MountSummary } from '#contract/mounts.ts';
import type { InstanceName } from '#contract/names.ts';
import { HelperError } from '../core/errors.ts';
import type { GuestTarget } from '../core/ports.ts';
import { quoteCommand } from '../guest/shell-quote.ts';
import { SshConnection } from '../guest/ssh-connection.ts';
import type { MountRecord } from '../store/instance-record.ts';
import type { GuestScripts } from './guest-scripts.ts';
import type { ShareServer, ShareServers } from './share-server.ts';

/** A cut link is known after 20 s: long enough for a guest that is busy, short for who waits on a file. */
const keepAlive = { intervalMs: 5_000, count: 4 };
const mountLimitMs = 60_000;

export interface AttachRequest {
  readonly instance: InstanceName;
  readonly mount: MountRecord;
  /** The guest's default user. */
  readonly user: string;
  readonly target: GuestTarget;
  /** Told of bytes that went through. */
  readonly onBytes: (toGuest: number, fromGuest: number) => void;
}

/** A folder that is in the guest now. */
export interface AttachedShare {
  readonly transport: NonNullable<MountSummary['transport']>;
  /** Why it is not virtiofs, where that was not ruled out from the beginning. */
  readonly fallback?: HelperError | undefined;
  /** Whether the target was made in the guest for it. */
  readonly isTargetMade: boolean;
  /** Resolves with what ended it. */
  readonly ended: Promise<HelperError>;
  /** Asks the guest for a sign of life; false when none came in time. */
  probe(limitMs: number): Promise<boolean>;
  /** Ends it; with `isUnmounted` it is unmounted in the guest first, where the guest is still to be had. */
  detach(isUnmounted: boolean): Promise<void>;
}

/**
 * Gets one folder into the guest: the server in its jail here, sshfs over SSH there, the bytes of the
 * one carried to the other. A connection of its own, so that one share's traffic and end are not another's.
 */
export async function attachShare(servers: ShareServers, scripts: GuestScripts, request: AttachRequest, signal: AbortSignal): Promise<AttachedShare> {
  if (request.mount.type === 'virtiofs') throw new HelperError('mount.no-virtiofs', { reason: 'this helper does not serve it' });
  await using undo = new AsyncDisposableStack();
  const server = await servers.start(request.instance, request.mount, signal);
  undo.defer(() => server.stop());
  const connection = await SshConnection.open(request.target, signal, keepAlive);
  undo.defer(() => connection.close());
  const { channel } = await connection.exec(quoteCommand(await scripts.mount(request.mount, request.user)));
  const report = new GuestReport(request.mount.target);
  const unmount = async (): Promise<void> => {
    const isTargetOurs = request.mount.isTargetOurs === true || report.isTargetMade;
    if (connection.isOpen) await runQuietly(connection, quoteCommand(await scripts.unmount({ ...request.mount, isTargetOurs })));
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
    probe: (limitMs) => probe(connection, limitMs),
    detach: async (isUnmounted) => {
      if (isUnmounted) await unmount();
      await kept.disposeAsync();
    },
  };
}

/** Takes out of a guest what an earlier connection left there. */
export async function sweepMount(scripts: GuestScripts, mount: MountRecord, target: GuestTarget, signal: AbortSignal): Promise<void> {
  const connection = await SshConnection.open(target, signal, keepAlive);
  try {
    await runQuietly(connection, quoteCommand(await scripts.unmount(mount)));
  } finally {
    connection.close();
  }
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
    if (report.take(text)) ready.resolve();
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

/** What assets/shares/mount.sh says on stderr, between whatever else is printed there. */
class GuestReport {
  readonly #target: string;
  #text = '';

  constructor(target: string) {
    this.#target = target;
  }

  get isTargetMade(): boolean {
    return /^berth-mount: made$/m.test(this.#text);
  }

  /** True once the mount is there. */
  take(text: string): boolean {
    this.#text = (this.#text + text).slice(-8000);
    return /^berth-mount: mounted$/m.test(this.#text);
  }

  failure(): HelperError | undefined {
    if (/^berth-mount: no-sshfs$/m.test(this.#text)) return new HelperError('mount.no-sshfs');
    const refused = /^berth-mount: refused (.*)$/m.exec(this.#text)?.[1];
    if (refused !== undefined) return new HelperError('mount.target-refused', { target: this.#target, reason: refused });
    const last = this.#text.split('\n').filter((line) => line.trim() !== '' && !line.startsWith('berth-mount:')).at(-1);
    return last === undefined ? undefined : new HelperError('mount.failed', { reason: last.slice(0, 300) });
  }
}

async function probe(connection: SshConnection, limitMs: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => { timer = setTimeout(resolve, limitMs, false); });
  try {
    return await Promise.race([runQuietly(connection, 'true'), late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Runs a command to its end; false when the connection broke under it. */
async function runQuietly(connection: SshConnection, command: string): Promise<boolean> {
  try {
    const { channel, ended } = await connection.exec(command);
    channel.resume();
    channel.stderr.resume();
    channel.end();
    await Promise.race([ended, connection.closed]);
    return connection.isOpen;
  } catch {
    return false; // the connection is gone; whoever holds it learns so by `closed`
  }
}
