// SPDX-License-Identifier: MIT
import type { Duplex, Readable } from 'node:stream';
import { mostCommandBytes } from '#contract/guest.ts';
import { sentence } from '#messages/say.ts';
import { HelperError } from '../core/errors.ts';
import type { GuestTarget } from '../core/seams/guest.ts';
import type { Begun, SshProcess } from './ssh-process.ts';
import type { ChannelKind, GuestEnd, KeepAlive, TerminalWindow } from './ssh-process/messages.ts';

const connectLimitMs = 30_000;
/** Much for a guest that has let one in: an emulated one under load takes seconds to begin a program. */
const channelLimitMs = 30_000;

const patient: KeepAlive = { intervalMs: 15_000, count: 4 };

export interface OpenChannel {
  /** The input, and the output. */
  readonly channel: Duplex;
  readonly stderr: Readable;
  /** Resolves when the guest has ended it, or nobody can any more. Not before its output was read. Never rejects. */
  readonly ended: Promise<GuestEnd>;
  resize(columns: number, rows: number): void;
  /** At once, whatever the guest does. */
  close(): void;
}

/** One SSH connection to a guest, carrying any number of channels; the guest's SSH process speaks on it. */
export class SshConnection {
  readonly #process: SshProcess;
  readonly #begun: Begun;
  #isOpen = true;
  readonly closed: Promise<void>;

  private constructor(process: SshProcess, begun: Begun) {
    this.#process = process;
    this.#begun = begun;
    this.closed = begun.ended.then(() => {
      this.#isOpen = false;
    });
  }

  /**
   * Connects and authenticates. The host key must be the pinned one: anything else on that address is
   * not the instance.
   *
   * @throws HelperError guest.host-key-mismatch, guest.ssh-failed
   */
  static async open(
    process: SshProcess,
    target: GuestTarget,
    signal: AbortSignal,
    keepAlive: KeepAlive = patient,
  ): Promise<SshConnection> {
    try {
      return new SshConnection(
        process,
        await process.ask({ ask: 'connect', target, keepAlive, limitMs: connectLimitMs }, signal, connectLimitMs),
      );
    } catch (error) {
      if (!(error instanceof HelperError && error.code === 'guest.host-key-mismatch')) throw error;
      throw new HelperError('guest.host-key-mismatch', { address: target.address }, { cause: error });
    }
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  async shell(window: TerminalWindow, signal: AbortSignal): Promise<OpenChannel> {
    return await this.#channel({ shell: window }, signal);
  }

  /**
   * With a window it runs on a terminal. @throws HelperError guest.command-too-long for what would end the connection
   */
  async exec(command: string, signal: AbortSignal, window?: TerminalWindow): Promise<OpenChannel> {
    const bytes = Buffer.byteLength(command);
    const limit = mostBytesFor(this.#begun.greeting ?? '');
    if (bytes > limit) throw new HelperError('guest.command-too-long', { bytes, limit });
    return await this.#channel({ exec: command, window }, signal);
  }

  /** @throws HelperError guest.no-sftp where the guest has none */
  async sftp(signal: AbortSignal): Promise<OpenChannel> {
    try {
      return await this.#channel({ sftp: true }, signal);
    } catch (error) {
      if (!this.isOpen || signal.aborted || !(error instanceof HelperError)) throw error;
      throw new HelperError('guest.no-sftp', { reason: String(error.params['reason']) }, { cause: error });
    }
  }

  /** With all its channels. */
  close(): void {
    this.#isOpen = false;
    this.#process.endOne(this.#begun.id);
  }

  async #channel(kind: ChannelKind, signal: AbortSignal): Promise<OpenChannel> {
    if (!this.#isOpen) throw new HelperError('guest.ssh-failed', { reason: sentence('guest.connection-closed') });
    const { stdio, stderr } = this.#process.openLanes();
    const drop = (): void => {
      stdio.destroy();
      stderr.destroy();
    };
    try {
      const question = {
        ask: 'channel',
        connection: this.#begun.id,
        kind,
        stdio: stdio.id,
        stderr: stderr.id,
        limitMs: channelLimitMs,
      } as const;
      const asked = this.#process.ask(question, signal, channelLimitMs);
      stderr.end(); // it goes one way
      const { id, ended } = await asked;
      const close = (): void => {
        this.#process.endOne(id);
        drop();
      };
      return {
        channel: stdio,
        stderr,
        ended,
        close,
        resize: (columns, rows) => this.#process.resize(id, columns, rows),
      };
    } catch (error) {
      drop();
      throw error;
    }
  }
}

/**
 * The longest command line that a server runs. dropbear has a limit of its own (MAX_CMD_LEN), and ends the connection
 * with all that goes over it for a packet that is larger than the 32,768 bytes that every server must take (RFC 4253,
 * 6.1). OpenSSH hands on what the kernel takes.
 */
function mostBytesFor(server: string): number {
  if (server.startsWith('OpenSSH')) return mostCommandBytes;
  return server.startsWith('dropbear') ? 9_000 : 32_000;
}
