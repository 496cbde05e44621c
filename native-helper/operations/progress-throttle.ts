// SPDX-License-Identifier: MIT
import type { StepProgress } from '#contract/operations.ts';

/** Five reports a second. */
const intervalMs = 200;

/**
 * Thins out progress. The first report and the first of each step go out at once, the others five
 * times a second; the newest always goes out.
 */
export class ProgressThrottle {
  readonly #publish: () => void;
  #latest: StepProgress | undefined;
  #lastAt = -Infinity;
  #timer: NodeJS.Timeout | undefined;

  constructor(publish: () => void) {
    this.#publish = publish;
  }

  get latest(): StepProgress | undefined {
    return this.#latest;
  }

  report(progress: StepProgress): void {
    const isNewStep = progress.step !== this.#latest?.step;
    this.#latest = progress;
    const waitMs = isNewStep ? 0 : this.#lastAt + intervalMs - performance.now();
    if (waitMs <= 0) this.#flush();
    else this.#timer ??= setTimeout(() => this.#flush(), waitMs);
  }

  /** The operation's last event carries the newest report; none follows it. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #flush(): void {
    this.stop();
    this.#lastAt = performance.now();
    this.#publish();
  }
}
