// SPDX-License-Identifier: MIT
import { setTimeout as sleep } from 'node:timers/promises';
import type { Readable, Writable } from 'node:stream';
import type { SessionSignal } from '#contract/guest.ts';
import type { GuestProcess } from '../core/seams/guest.ts';
import { MarkedOutput } from './marked-output.ts';

/** What a command that nobody wants any more is ended with, each after it had time to heed the one before. */
const lastSignals: readonly SessionSignal[] = ['HUP', 'TERM', 'KILL'];
const graceMs = 3_000;
/** An emulated guest under load takes seconds to begin a program. */
const groupLimitMs = 10_000;

/** A command without a terminal: a process group that signals are sent to, and that ends with whoever wanted it. */
export class GuestCommand implements GuestProcess {
  readonly stdin: Writable;
  readonly stdout: Readable;
  readonly stderr: MarkedOutput;
  readonly ended: GuestProcess['ended'];
  readonly #running: Omit<GuestProcess, 'signal'>;
  readonly #send: (group: number, name: SessionSignal) => Promise<void>;
  #isOver = false;
  #isClosing = false;

  /** `send` may reject; then the channel's end is all that the command hears. */
  constructor(
    running: Omit<GuestProcess, 'signal'>,
    mark: string,
    send: (group: number, name: SessionSignal) => Promise<void>,
  ) {
    this.#running = running;
    this.#send = send;
    this.stdin = running.stdin;
    this.stdout = running.stdout;
    this.stderr = running.stderr.pipe(new MarkedOutput(mark));
    running.stderr.once('close', () => this.stderr.end());
    this.ended = running.ended;
    void this.ended.then(() => {
      this.#isOver = true;
    });
  }

  resize(): void {
    // without a terminal there is no size
  }

  async signal(name: SessionSignal): Promise<void> {
    const group = await Promise.race([
      this.stderr.number,
      this.ended.then(() => undefined),
      sleep(groupLimitMs, undefined, { ref: false }),
    ]);
    // it ended, or its connection did
    if (group !== undefined && !this.#isOver) await this.#send(group, name).catch(() => undefined);
  }

  close(): void {
    if (this.#isClosing) return;
    this.#isClosing = true;
    this.stdin.end();
    // unread it would keep the command from its end
    for (const output of [this.stdout, this.stderr]) output.unpipe().resume();
    void this.#end();
  }

  async #end(): Promise<void> {
    for (const name of lastSignals) {
      await this.signal(name);
      await Promise.race([this.ended, sleep(graceMs, undefined, { ref: false })]);
      if (this.#isOver) return;
    }
    this.#running.close();
  }
}
