// SPDX-License-Identifier: MIT
import { Slots } from './slots.ts';

/**
 * Of those who want the same thing so many have it at a time; who waits may leave, and waits for nobody who wants
 * another.
 */
export class KeyedSlots {
  readonly #queues = new Map<string, { readonly slots: Slots; users: number }>();
  readonly #atATime: number;

  constructor(atATime: number) {
    this.#atATime = atATime;
  }

  async hold<Result>(key: string, signal: AbortSignal, work: () => Promise<Result>): Promise<Result> {
    const queue = this.#queues.get(key) ?? { slots: new Slots(this.#atATime), users: 0 };
    this.#queues.set(key, queue);
    queue.users += 1;
    try {
      return await queue.slots.hold(signal, work);
    } finally {
      queue.users -= 1;
      if (queue.users === 0) this.#queues.delete(key);
    }
  }
}
