// SPDX-License-Identifier: MIT
import type { GuestProcess, GuestTarget } from '../core/seams/guest.ts';
import { quoteCommand } from './shell-quote.ts';
import { SshConnection, type OpenChannel } from './ssh-connection.ts';

const idleMs = 60_000;

interface Shared {
  readonly target: GuestTarget;
  readonly connection: Promise<SshConnection>;
  users: number;
  idle?: NodeJS.Timeout;
}

export interface ShellRequest {
  readonly term: string;
  readonly columns: number;
  readonly rows: number;
}

/**
 * Shells and commands in guests. A guest's channels share one connection, because the handshake is
 * the slow part (seconds on an emulated processor); a minute after the last channel it is closed.
 */
export class GuestConnections {
  readonly #shared = new Map<string, Shared>();

  async shell(target: GuestTarget, request: ShellRequest, signal: AbortSignal): Promise<GuestProcess> {
    const window = { term: request.term, cols: request.columns, rows: request.rows, width: 0, height: 0 };
    return await this.#run(target, signal, (connection) => connection.shell(window));
  }

  async exec(target: GuestTarget, command: readonly string[], signal: AbortSignal, workingDirectory?: string): Promise<GuestProcess> {
    const line = quoteCommand(command, workingDirectory);
    return await this.#run(target, signal, (connection) => connection.exec(line));
  }

  /** The guest's SFTP server, by its stdin and stdout. */
  async files(target: GuestTarget, signal: AbortSignal): Promise<GuestProcess> {
    return await this.#run(target, signal, (connection) => connection.sftp());
  }

  /** Runs a command of ours to its end and returns what it printed. */
  async output(target: GuestTarget, command: readonly string[], signal: AbortSignal): Promise<{ exitCode: number | undefined; stdout: string }> {
    const child = await this.exec(target, command, signal);
    const abort = (): void => child.close();
    signal.addEventListener('abort', abort, { once: true });
    child.stdin.end();
    child.stderr.resume();
    let stdout = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      if (stdout.length < 1024 * 1024) stdout += text;
    });
    const { exitCode } = await child.ended;
    signal.removeEventListener('abort', abort);
    signal.throwIfAborted();
    return { exitCode, stdout };
  }

  /** Breaks off what is open to this address: its machine has ended or was reset, so nobody would answer a farewell. */
  forget(address: string): void {
    const shared = this.#shared.get(address);
    this.#shared.delete(address);
    clearTimeout(shared?.idle);
    shared?.connection.then((connection) => connection.breakOff(), () => undefined); // one that never opened needs no closing
  }

  close(): void {
    for (const address of this.#shared.keys()) this.forget(address);
  }

  async #run(target: GuestTarget, signal: AbortSignal, open: (connection: SshConnection) => Promise<OpenChannel>): Promise<GuestProcess> {
    const shared = await this.#acquire(target, signal);
    try {
      const connection = await shared.connection;
      const opened = await open(connection).catch(async (error: unknown) => {
        // sshd allows ten channels on a connection (MaxSessions in sshd_config(5)): further ones get their own.
        if (!connection.isOpen) throw error;
        const own = await SshConnection.open(target, signal);
        const alone = await open(own);
        void alone.ended.then(() => own.close());
        return alone;
      });
      void opened.ended.then(() => this.#release(target.address, shared));
      return processOf(opened);
    } catch (error) {
      this.#release(target.address, shared);
      throw error;
    }
  }

  async #acquire(target: GuestTarget, signal: AbortSignal): Promise<Shared> {
    const known = this.#shared.get(target.address);
    if (known && known.target.hostKey === target.hostKey) {
      const isUsable = await known.connection.then((connection) => connection.isOpen, () => false);
      if (isUsable) {
        known.users += 1;
        clearTimeout(known.idle);
        return known;
      }
    }
    const shared: Shared = { target, connection: SshConnection.open(target, signal), users: 1 };
    shared.connection.catch(() => this.#shared.delete(target.address));
    this.#shared.set(target.address, shared);
    return shared;
  }

  #release(address: string, shared: Shared): void {
    shared.users -= 1;
    if (shared.users > 0) return;
    shared.idle = setTimeout(() => {
      if (this.#shared.get(address) === shared) this.forget(address);
    }, idleMs).unref();
  }
}

function processOf({ channel, ended }: OpenChannel): GuestProcess {
  return {
    stdin: channel,
    stdout: channel,
    stderr: channel.stderr,
    ended,
    resize: (columns, rows) => channel.setWindow(rows, columns, 0, 0),
    close: () => channel.close(),
  };
}
