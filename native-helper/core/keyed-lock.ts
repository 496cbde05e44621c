// SPDX-License-Identifier: MIT

/** One holder per key at a time; others wait in the order in which they came. */
export class KeyedLock<Key> {
  readonly #tails = new Map<Key, Promise<void>>();

  isHeld(key: Key): boolean {
    return this.#tails.has(key);
  }

  /** Runs `work` when every earlier holder of `key` is done, whether or not those succeeded. */
  async hold<Result>(key: Key, work: () => Promise<Result>): Promise<Result> {
    const before = this.#tails.get(key) ?? Promise.resolve();
    const done = Promise.withResolvers<void>();
    const tail = before.then(() => done.promise);
    this.#tails.set(key, tail);
    await before;
    try {
      return await work();
    } finally {
      done.resolve();
      if (this.#tails.get(key) === tail) this.#tails.delete(key);
    }
  }
}
