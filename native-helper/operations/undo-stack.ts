// SPDX-License-Identifier: MIT
import { messageOf } from '../core/errors.ts';
import { foreignWords } from '../core/foreign-words.ts';
import type { Logger } from '../core/log.ts';

/** How long one undo step may take. */
const stepTimeoutMs = 30_000;

type UndoStep = (signal: AbortSignal) => PromiseLike<void> | void;

/**
 * Undo steps of one operation. Each gets a signal of its own with 30 s, because the operation's is
 * aborted by then; one that fails or overruns is noted and the next one runs.
 */
export class UndoStack extends AsyncDisposableStack {
  readonly #log: Logger;
  readonly #stepTimeoutMs: number;
  readonly #failures: string[] = [];

  constructor(log: Logger, timeoutMs = stepTimeoutMs) {
    super();
    this.#log = log;
    this.#stepTimeoutMs = timeoutMs;
  }

  override defer(step: UndoStep): void {
    super.defer(() => this.#run(step));
  }

  override adopt<Value>(value: Value, step: (value: Value) => PromiseLike<void> | void): Value {
    this.defer(() => step(value));
    return value;
  }

  override use<Value extends AsyncDisposable | Disposable | null | undefined>(value: Value): Value {
    if (value)
      this.defer(() => (Symbol.asyncDispose in value ? value[Symbol.asyncDispose]() : value[Symbol.dispose]()));
    return value;
  }

  /** Runs the steps, newest first. Returns what failed, in words; never rejects. */
  async undoAll(): Promise<readonly string[]> {
    if (!this.disposed) await this.disposeAsync();
    return this.#failures;
  }

  async #run(step: UndoStep): Promise<void> {
    const signal = AbortSignal.timeout(this.#stepTimeoutMs);
    const overrun = Promise.withResolvers<never>();
    signal.addEventListener('abort', () => overrun.reject(new Error(`not done within ${this.#stepTimeoutMs} ms`)), {
      once: true,
    });
    try {
      // a step may throw before it gives a promise: the limit must have somebody to tell all the same
      await Promise.race([
        (async () => {
          await step(signal);
        })(),
        overrun.promise,
      ]);
    } catch (error) {
      this.#failures.push(`undo: ${foreignWords(messageOf(error))}`);
      this.#log.error({ err: error }, 'an undo step failed');
    }
  }
}
