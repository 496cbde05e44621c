// SPDX-License-Identifier: MIT
import { Slots } from './slots.ts';

/** Those who want the same thing have it one after the other; who waits may leave. */
export class Turns {
  readonly #queues = new Map<string, { readonly slot: Slots; users: number }>();

  async hold<Result>(key: string, signal: AbortSignal, work: () => Promise<Result>): Promise<Result> {
    const queue = this.#queues.get(key) ?? { slot: new Slots(1), users: 0 };
    this.#queues.set(key, queue);
    queue.users += 1;
    try {
      return await queue.slot.hold(signal, work);
    } finally {
      queue.users -= 1;
      if (queue.users === 0) this.#queues.delete(key);
    }
  }
}
