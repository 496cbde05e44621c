// SPDX-License-Identifier: MIT
import { HelperError } from '../core/errors.ts';
import type { GuestOutcome } from '../guest/run-to-end.ts';
import type { SshConnection } from '../guest/ssh-connection.ts';
import { runInGuest } from './guest-run.ts';

/**
 * Runs commands in a guest, for a mount that lives without the network: its connection is made anew when it was cut.
 */
export class GuestShell {
  readonly #connect: (signal: AbortSignal) => Promise<SshConnection>;
  #connection: SshConnection | undefined;
  #isClosed = false;

  constructor(connect: (signal: AbortSignal) => Promise<SshConnection>) {
    this.#connect = connect;
  }

  /** @throws HelperError mount.lost after the closing */
  async connect(signal: AbortSignal): Promise<SshConnection> {
    const known = this.#usable();
    if (known) return known;
    const opened = await this.#connect(signal);
    // Meanwhile another command may have had the same need, or nobody needs one any more.
    const other = this.#usable();
    if (other || this.#isClosed) opened.close();
    else this.#connection = opened;
    if (this.#isClosed) throw new HelperError('mount.lost');
    return other ?? opened;
  }

  /**
   * Resolves with undefined when the connection broke under it; rejects where the guest is not to be reached, or when
   * the signal is aborted.
   */
  async run(command: readonly string[], signal: AbortSignal, input?: Uint8Array): Promise<GuestOutcome | undefined> {
    return await runInGuest(await this.connect(signal), command, signal, input);
  }

  close(): void {
    this.#isClosed = true;
    this.#connection?.close();
  }

  #usable(): SshConnection | undefined {
    return this.#connection?.isOpen === true ? this.#connection : undefined;
  }
}
