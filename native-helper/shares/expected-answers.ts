// SPDX-License-Identifier: MIT

/** How many requests may wait for an answer before no more are heard. A kernel has a few dozen under way. */
export const mostOpen = 1024;

/**
 * What is to be done with the answers to come, oldest first. A guest asks as fast as it likes and reads when it likes:
 * taking one costs the same however many wait, and who asks waits while too many do.
 */
export class ExpectedAnswers<Taker> {
  #takers: Taker[] = [];
  /** Those before it are taken. */
  #next = 0;
  #waiting: (() => void) | undefined;

  get size(): number {
    return this.#takers.length - this.#next;
  }

  push(taker: Taker): void {
    this.#takers.push(taker);
  }

  /** The oldest; undefined where there is none. */
  take(): Taker | undefined {
    if (this.size === 0) return undefined;
    const taker = this.#takers[this.#next];
    this.#next += 1;
    if (this.#next >= mostOpen && this.#next * 2 >= this.#takers.length) {
      this.#takers = this.#takers.slice(this.#next);
      this.#next = 0;
    }
    if (this.#waiting && this.size < mostOpen) {
      setImmediate(this.#waiting); // who takes is in the middle of an answer
      this.#waiting = undefined;
    }
    return taker;
  }

  /** Calls back when there is room for more: at once where there is. Of one who waits at a time. */
  whenRoom(goOn: () => void): void {
    if (this.size < mostOpen) goOn();
    else this.#waiting = goOn;
  }
}
