// SPDX-License-Identifier: MIT
import { setTimeout as delay } from 'node:timers/promises';
import type { Fingerprint } from '#contract/names.ts';
import { messageOf } from '../../core/errors.ts';
import type { Logger } from '../../core/log.ts';

/**
 * The small files that a launch or the end of an operation makes durable go first: they would wait for the disk's
 * bytes.
 */
const settleAfterMs = 2000;

interface Work {
  readonly ended: Promise<void>;
  /** It is not to wait any longer. */
  readonly hurry: AbortController;
  readonly cease: AbortController;
}

/** Does for each new image, a moment after it may be used, what nobody is to wait for. */
export class Settler {
  readonly #settle: (image: Fingerprint, signal: AbortSignal) => Promise<void>;
  readonly #log: Logger;
  readonly #works = new Map<Fingerprint, Work>();

  constructor(settle: (image: Fingerprint, signal: AbortSignal) => Promise<void>, log: Logger) {
    this.#settle = settle;
    this.#log = log;
  }

  begin(image: Fingerprint): void {
    if (this.#works.has(image)) return;
    const [hurry, cease] = [new AbortController(), new AbortController()];
    const ended = this.#work(image, hurry.signal, cease.signal).finally(() => this.#works.delete(image));
    this.#works.set(image, { hurry, cease, ended });
  }

  /** The image is about to go: nothing of it is read or written afterwards. */
  async cease(image: Fingerprint): Promise<void> {
    const work = this.#works.get(image);
    work?.cease.abort();
    await work?.ended;
  }

  /** Resolves when all that was begun, or that of one image, has been done, at once, or cannot. */
  async finish(image?: Fingerprint): Promise<void> {
    const works = [...this.#works].filter(([key]) => image === undefined || key === image).map(([, work]) => work);
    for (const { hurry } of works) hurry.abort();
    await Promise.all(works.map(({ ended }) => ended));
  }

  async #work(image: Fingerprint, hurry: AbortSignal, cease: AbortSignal): Promise<void> {
    await delay(settleAfterMs, undefined, { signal: AbortSignal.any([hurry, cease]) }).catch(() => {}); // earlier, then
    if (cease.aborted) return;
    try {
      await this.#settle(image, cease);
    } catch (error) {
      if (!cease.aborted)
        this.#log.warn(
          { image, reason: messageOf(error) },
          'an image could not be settled; the next start looks at it again',
        );
    }
  }
}
