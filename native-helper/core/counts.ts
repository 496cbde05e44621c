// SPDX-License-Identifier: MIT

/** How often each thing is taken at this moment; one that is given back as often is forgotten. */
export class Counts<Key> {
  readonly #counts = new Map<Key, number>();

  /** Until what is returned is called, once. */
  take(key: Key): () => void {
    this.#counts.set(key, this.of(key) + 1);
    return () => {
      const left = this.of(key) - 1;
      if (left > 0) this.#counts.set(key, left);
      else this.#counts.delete(key);
    };
  }

  of(key: Key): number {
    return this.#counts.get(key) ?? 0;
  }
}
