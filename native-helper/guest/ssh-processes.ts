// SPDX-License-Identifier: MIT
import { sentence } from '#messages/say.ts';
import type { Logger } from '../core/log.ts';
import type { ProcessRunner } from '../core/seams/processes.ts';
import { SshProcess } from './ssh-process.ts';

/**
 * Of our own, above every range that systemd and shadow give away and below those of machines. They own nothing; each
 * process has another, so that no guest's reaches another's.
 */
const firstUser = 1_899_000_000;
const userCount = 900_000;
const idleMs = 10_000;

interface Kept {
  process: SshProcess | undefined;
  holders: number;
  idle?: NodeJS.Timeout | undefined;
}

/**
 * The SSH processes of all guests, by the guest's host key: begun when one is needed, ended when none has been for a
 * while.
 */
export class SshProcesses {
  readonly #runner: ProcessRunner;
  readonly #log: Logger;
  readonly #kept = new Map<string, Kept>();
  #started = 0;

  constructor({ runner, log }: { readonly runner: ProcessRunner; readonly log: Logger }) {
    this.#runner = runner;
    this.#log = log;
  }

  of(hostKey: string): SshProcess {
    const kept = this.#kept.get(hostKey) ?? { process: undefined, holders: 0 };
    this.#kept.set(hostKey, kept);
    if (kept.process?.isOver === false) return kept.process;
    const id = firstUser + (this.#started++ % userCount);
    return (kept.process = new SshProcess({
      runner: this.#runner,
      log: this.#log,
      user: { uid: id, gid: id },
      onIdle: () => this.#idle(hostKey),
    }));
  }

  /** Begins one that will be needed, and keeps it until the returned function is called. */
  hold(hostKey: string): () => void {
    this.of(hostKey);
    const kept = this.#kept.get(hostKey);
    if (kept) kept.holders += 1;
    return () => {
      if (kept) kept.holders -= 1;
      this.#idle(hostKey);
    };
  }

  /** Ends the guest's, with all that goes through it. */
  end(hostKey: string): void {
    const kept = this.#kept.get(hostKey);
    clearTimeout(kept?.idle);
    this.#kept.delete(hostKey);
    kept?.process?.end(sentence('guest.machine-ended'));
  }

  async close(): Promise<void> {
    const processes = [...this.#kept.values()].flatMap(({ process }) => process ?? []);
    for (const hostKey of this.#kept.keys()) this.end(hostKey);
    await Promise.all(processes.map((process) => process.over));
  }

  #idle(hostKey: string): void {
    const kept = this.#kept.get(hostKey);
    if (!kept) return;
    clearTimeout(kept.idle);
    kept.idle = setTimeout(() => {
      if (kept.holders === 0 && kept.process?.isIdle !== false && this.#kept.get(hostKey) === kept) this.end(hostKey);
    }, idleMs).unref();
  }
}
