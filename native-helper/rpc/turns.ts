// SPDX-License-Identifier: MIT

/**
 * Lets users take turns on the helper's loop: each of its rounds does one piece of work of each user who has any, so
 * what many connections of one ask costs another a round. Pieces of a user are done in the order in which they came.
 */
export class Turns {
  readonly #waiting = new Map<number, (() => void)[]>();
  #isScheduled = false;

  /** `work` must not throw. */
  take(uid: number, work: () => void): void {
    const own = this.#waiting.get(uid);
    if (own === undefined) this.#waiting.set(uid, [work]);
    else own.push(work);
    this.#schedule();
  }

  /** Sockets are looked at between two rounds. */
  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(() => this.#round());
  }

  #round(): void {
    this.#isScheduled = false;
    const works: (() => void)[] = [];
    for (const [uid, own] of this.#waiting) {
      const work = own.shift();
      if (work !== undefined) works.push(work);
      if (own.length === 0) this.#waiting.delete(uid);
    }
    if (this.#waiting.size > 0) this.#schedule();
    for (const work of works) work();
  }
}
