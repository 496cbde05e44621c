// SPDX-License-Identifier: MIT
import type { StepProgress } from '#contract/operations.ts';

/** Of one who waits for work. */
interface Waiting {
  readonly signal: AbortSignal;
  report(progress: StepProgress): void;
}

interface Work<Result> {
  readonly abort: AbortController;
  readonly result: Promise<Result>;
  readonly waiters: Set<Waiting>;
  latest?: StepProgress;
}

/**
 * Work that several callers may want at once is done once per key. Each caller sees the progress
 * and may go away; the work itself is aborted when the last one has gone.
 */
export class SharedWork<Result> {
  readonly #running = new Map<string, Work<Result>>();

  async join(key: string, context: Waiting, begin: (shared: Waiting) => Promise<Result>): Promise<Result> {
    context.signal.throwIfAborted();
    const work = this.#running.get(key) ?? this.#start(key, begin);
    work.waiters.add(context);
    const gone = Promise.withResolvers<never>();
    const leave = (): void => {
      work.waiters.delete(context);
      if (work.waiters.size > 0) {
        gone.reject(context.signal.reason);
        return;
      }
      this.#forget(key, work); // a caller that comes now begins anew
      work.abort.abort(context.signal.reason); // the result rejects when everything is cleaned up
    };
    context.signal.addEventListener('abort', leave, { once: true });
    try {
      if (work.latest) context.report(work.latest); // who hears it may leave at once
      return await Promise.race([work.result, gone.promise]);
    } finally {
      context.signal.removeEventListener('abort', leave);
      work.waiters.delete(context);
    }
  }

  #start(key: string, begin: (shared: Waiting) => Promise<Result>): Work<Result> {
    const abort = new AbortController();
    const waiters = new Set<Waiting>();
    const report = (progress: StepProgress): void => {
      work.latest = progress;
      for (const waiter of waiters) waiter.report(progress);
    };
    const result = Promise.resolve().then(() => begin({ signal: abort.signal, report }));
    const work: Work<Result> = { abort, result, waiters };
    this.#running.set(key, work);
    void Promise.allSettled([result]).then(() => this.#forget(key, work));
    return work;
  }

  #forget(key: string, work: Work<Result>): void {
    if (this.#running.get(key) === work) this.#running.delete(key);
  }
}
