// SPDX-License-Identifier: MIT
import type { HelperError } from '../core/errors.ts';

const firstMs = 1_000;
const longestMs = 30_000;
/**
 * A folder that is gone or refused is so for long, and each attempt builds a jail for it. One that is back is found
 * within this time.
 */
const longestForSourceMs = 4 * 60_000;

/** How long a mount that failed waits for its next attempt: longer each time. */
export class BackOff {
  #nextMs = firstMs;

  /** The next failure is a first one again. */
  reset(): void {
    this.#nextMs = firstMs;
  }

  /** The wait after a failure for this reason, in ms. */
  after({ code }: HelperError): number {
    const limitMs = code.startsWith('mount.source-') ? longestForSourceMs : longestMs;
    const waitMs = Math.min(this.#nextMs, limitMs);
    this.#nextMs = Math.min(waitMs * 2, limitMs);
    return waitMs;
  }
}
