// SPDX-License-Identifier: MIT

interface Deadline {
  readonly limitMs: number;
  readonly signal: AbortSignal;
  /** What it comes to when it takes longer. */
  readonly late: () => Error;
}

/**
 * The work's result, but what `late` gives when it takes longer, and the reason of the signal once that is aborted. The
 * work itself is left as it is.
 */
export async function withDeadline<Result>(
  work: Promise<Result>,
  { limitMs, signal, late }: Deadline,
): Promise<Result> {
  const over = Promise.withResolvers<never>();
  const limit = AbortSignal.any([signal, AbortSignal.timeout(limitMs)]);
  const abort = (): void => over.reject(late());
  limit.addEventListener('abort', abort, { once: true });
  try {
    return await Promise.race([work, over.promise]);
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    limit.removeEventListener('abort', abort);
  }
}
