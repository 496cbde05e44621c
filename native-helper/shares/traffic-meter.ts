// SPDX-License-Identifier: MIT
import type { MountSummary } from '#contract/mounts.ts';

const everyMs = 2_000;

/** What went through one share and how fast. It runs no timer while nothing goes through. */
export class TrafficMeter {
  readonly #changed: () => void;
  #toGuest = 0;
  #fromGuest = 0;
  #sinceTick = 0;
  #bytesPerSecond = 0;
  #timer: NodeJS.Timeout | undefined;

  /** `changed` is called when the rate is another one, at most every two seconds. */
  constructor(changed: () => void) {
    this.#changed = changed;
  }

  add(toGuest: number, fromGuest: number): void {
    this.#toGuest += toGuest;
    this.#fromGuest += fromGuest;
    this.#sinceTick += toGuest + fromGuest;
    this.#timer ??= setInterval(() => this.#tick(), everyMs).unref();
  }

  read(): Required<Pick<MountSummary, 'bytesToGuest' | 'bytesFromGuest' | 'bytesPerSecond'>> {
    return { bytesToGuest: this.#toGuest, bytesFromGuest: this.#fromGuest, bytesPerSecond: this.#bytesPerSecond };
  }

  close(): void {
    clearInterval(this.#timer);
  }

  #tick(): void {
    const rate = Math.round((this.#sinceTick * 1000) / everyMs);
    this.#sinceTick = 0;
    if (rate === 0) {
      clearInterval(this.#timer);
      this.#timer = undefined;
    }
    if (rate === this.#bytesPerSecond) return;
    this.#bytesPerSecond = rate;
    this.#changed();
  }
}
