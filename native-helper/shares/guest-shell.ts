// SPDX-License-Identifier: MIT
import type { GuestTarget } from '../core/ports.ts';
import { SshConnection } from '../guest/ssh-connection.ts';
import { keepAlive } from './attached-share.ts';
import { runInGuest, type GuestOutcome } from './guest-run.ts';

/** Runs commands in a guest, for a mount that lives without the network: its connection is made anew when it was cut. */
export class GuestShell {
  readonly #target: () => Promise<GuestTarget>;
  #connection: SshConnection | undefined;

  constructor(target: () => Promise<GuestTarget>) {
    this.#target = target;
  }

  async connect(signal: AbortSignal): Promise<SshConnection> {
    if (this.#connection?.isOpen !== true) this.#connection = await SshConnection.open(await this.#target(), signal, keepAlive);
    return this.#connection;
  }

  /** Resolves with undefined when the connection broke under it; rejects where the guest is not to be reached. */
  async run(command: readonly string[], signal: AbortSignal, input?: Uint8Array): Promise<GuestOutcome | undefined> {
    return await runInGuest(await this.connect(signal), command, input);
  }

  close(): void {
    this.#connection?.close();
  }
}
