// SPDX-License-Identifier: MIT
import type { GuestProcess, GuestTarget } from '../core/seams/guest.ts';
import { HelperError } from '../core/errors.ts';
import { unlessAborted } from '../core/unless-aborted.ts';
import { inOwnGroup, signalGroup } from './command-group.ts';
import { GuestCommand } from './guest-command.ts';
import { runToEnd, type GuestOutcome } from './run-to-end.ts';
import { quoteCommand } from './shell-quote.ts';
import { SshConnection, type OpenChannel } from './ssh-connection.ts';
import type { SshProcesses } from './ssh-processes.ts';
import type { KeepAlive, TerminalWindow } from './ssh-process/messages.ts';

const idleMs = 60_000;
const signalLimitMs = 20_000;

export interface SessionRequest {
  readonly command: readonly string[];
  readonly workingDirectory?: string | undefined;
  readonly window?: TerminalWindow | undefined;
}

interface Shared {
  readonly connection: Promise<SshConnection>;
  /** Before it is open nobody but its users wants it. */
  readonly giveUp: AbortController;
  opened: SshConnection | undefined;
  users: number;
  idle?: NodeJS.Timeout;
}

/**
 * Shells and commands in guests. A guest's channels share one connection, because the handshake is
 * the slow part (seconds on an emulated processor); a minute after the last channel it is closed.
 */
export class GuestConnections {
  readonly #processes: SshProcesses;
  /** By host key. */
  readonly #shared = new Map<string, Shared>();

  constructor(processes: SshProcesses) {
    this.#processes = processes;
  }

  /** Begins the guest's SSH process, which takes a moment, and keeps it until the returned function is called. */
  prepare({ hostKey }: Pick<GuestTarget, 'hostKey'>): () => void {
    return this.#processes.hold(hostKey);
  }

  /** Waits until SSH greets there, and returns how. */
  async greeting({ hostKey, address }: Pick<GuestTarget, 'hostKey' | 'address'>, signal: AbortSignal): Promise<string> {
    return (await this.#processes.of(hostKey).ask({ ask: 'greeting', address }, signal)).greeting ?? '';
  }

  /** A connection of the caller's own, who closes it. */
  async connect(target: GuestTarget, signal: AbortSignal, keepAlive?: KeepAlive): Promise<SshConnection> {
    return await SshConnection.open(this.#processes.of(target.hostKey), target, signal, keepAlive);
  }

  async shell(target: GuestTarget, window: TerminalWindow, signal: AbortSignal): Promise<GuestProcess> {
    return await this.#run(target, signal, (connection) => connection.shell(window, signal));
  }

  async exec(
    target: GuestTarget,
    command: readonly string[],
    signal: AbortSignal,
    workingDirectory?: string,
  ): Promise<GuestProcess> {
    const line = quoteCommand(command, workingDirectory);
    return await this.#run(target, signal, (connection) => connection.exec(line, signal));
  }

  /**
   * A command of a user's. With a window it has a terminal, and loses that at its end; without, it is ended by signals.
   */
  async session(
    target: GuestTarget,
    { command, workingDirectory, window }: SessionRequest,
    signal: AbortSignal,
  ): Promise<GuestProcess> {
    if (window)
      return await this.#run(target, signal, (connection) =>
        connection.exec(quoteCommand(command, workingDirectory), signal, window),
      );
    const { words, mark } = inOwnGroup(command);
    const line = quoteCommand(words, workingDirectory);
    const running = await this.#run(target, signal, (connection) => connection.exec(line, signal));
    return new GuestCommand(
      running,
      mark,
      async (group, name) =>
        void (await this.output(target, signalGroup(group, name), AbortSignal.timeout(signalLimitMs))),
    );
  }

  /** The guest's SFTP server, by its stdin and stdout. */
  async files(target: GuestTarget, signal: AbortSignal): Promise<GuestProcess> {
    return await this.#run(target, signal, (connection) => connection.sftp(signal));
  }

  /**
   * Runs a command of ours to its end and returns what it printed. Rejects with the signal's reason as soon as that is
   * aborted.
   */
  async output(target: GuestTarget, command: readonly string[], signal: AbortSignal): Promise<GuestOutcome> {
    const { stdout, ...child } = await this.exec(target, command, signal);
    return await runToEnd({ ...child, channel: child.stdin, output: stdout }, signal);
  }

  /** Breaks off what the guest's shells and commands share: it was reset, so nobody would answer. */
  forget({ hostKey }: Pick<GuestTarget, 'hostKey'>): void {
    const shared = this.#shared.get(hostKey);
    if (!shared) return;
    this.#shared.delete(hostKey);
    clearTimeout(shared.idle);
    shared.giveUp.abort();
    shared.opened?.close();
  }

  /** Its machine has ended: so does all that goes to it. */
  end(target: Pick<GuestTarget, 'hostKey'>): void {
    this.forget(target);
    this.#processes.end(target.hostKey);
  }

  async close(): Promise<void> {
    for (const hostKey of this.#shared.keys()) this.forget({ hostKey });
    await this.#processes.close();
  }

  async #run(
    target: GuestTarget,
    signal: AbortSignal,
    open: (connection: SshConnection) => Promise<OpenChannel>,
  ): Promise<GuestProcess> {
    const shared = this.#acquire(target);
    try {
      const connection = await unlessAborted(shared.connection, signal);
      const { channel, ...opened } = await open(connection).catch(async (error: unknown) => {
        // sshd allows ten channels on a connection (MaxSessions in sshd_config(5)): further ones get their own.
        const isRefusedHere = error instanceof HelperError && error.code === 'guest.command-too-long';
        if (isRefusedHere || !connection.isOpen || signal.aborted) throw error;
        return await this.#alone(target, signal, open);
      });
      void opened.ended.then(() => this.#release(target, shared));
      return { ...opened, stdin: channel, stdout: channel, signal: async () => {} };
    } catch (error) {
      this.#release(target, shared);
      throw error;
    }
  }

  async #alone(
    target: GuestTarget,
    signal: AbortSignal,
    open: (connection: SshConnection) => Promise<OpenChannel>,
  ): Promise<OpenChannel> {
    const own = await this.connect(target, signal);
    try {
      const alone = await open(own);
      void alone.ended.then(() => own.close());
      return alone;
    } catch (error) {
      own.close();
      throw error;
    }
  }

  #acquire(target: GuestTarget): Shared {
    const known = this.#shared.get(target.hostKey);
    if (known && known.opened?.isOpen !== false) {
      known.users += 1;
      clearTimeout(known.idle);
      return known;
    }
    const giveUp = new AbortController();
    const shared: Shared = { connection: this.connect(target, giveUp.signal), giveUp, opened: undefined, users: 1 };
    this.#shared.set(target.hostKey, shared);
    shared.connection.then(
      (opened) => {
        shared.opened = opened;
      },
      () => this.#drop(target, shared),
    );
    return shared;
  }

  #release(target: GuestTarget, shared: Shared): void {
    shared.users -= 1;
    if (shared.users > 0) return;
    if (!shared.opened) return this.#drop(target, shared);
    shared.idle = setTimeout(() => this.#drop(target, shared), idleMs).unref();
  }

  #drop({ hostKey }: GuestTarget, shared: Shared): void {
    if (this.#shared.get(hostKey) === shared) this.#shared.delete(hostKey);
    shared.giveUp.abort();
    shared.opened?.close();
  }
}
