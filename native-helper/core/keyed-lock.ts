// SPDX-License-Identifier: MIT
import { unlessAborted } from './unless-aborted.ts';

/** One holder per key at a time; others wait in the order in which they came. */
export class KeyedLock<Key> {
  readonly #tails = new Map<Key, Promise<void>>();

  isHeld(key: Key): boolean {
    return this.#tails.has(key);
  }

  /**
   * Runs `work` when every earlier holder of `key` is done, whether or not those succeeded. Who waits goes away when
   * `signal` is aborted, with its reason.
   */
  async hold<Result>(key: Key, work: () => Promise<Result>, signal?: AbortSignal): Promise<Result> {
    const before = this.#tails.get(key) ?? Promise.resolve();
    const done = Promise.withResolvers<void>();
    const tail = before.then(() => done.promise);
    this.#tails.set(key, tail);
    let isEarlierDone = false;
    try {
      await (signal === undefined ? before : unlessAborted(before, signal));
      isEarlierDone = true;
      return await work();
    } finally {
      done.resolve();
      if (isEarlierDone) this.#forget(key, tail);
      else void tail.then(() => this.#forget(key, tail));
    }
  }

  #forget(key: Key, tail: Promise<void>): void {
    if (this.#tails.get(key) === tail) this.#tails.delete(key);
  }
}
