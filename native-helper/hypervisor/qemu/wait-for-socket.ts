// SPDX-License-Identifier: MIT
import { setTimeout as delay } from 'node:timers/promises';

/** Between bind(2), which makes the file, and listen(2) a connection is refused; there is no event for the second. */
const listenGapMs = 5;

/** Calls `connect`, again while it is refused, and returns its result. Rejects when `signal` aborts. */
export async function whenListening<Connection>(
  signal: AbortSignal,
  connect: () => Promise<Connection>,
  isRefusal: (error: unknown) => boolean,
): Promise<Connection> {
  for (;;) {
    signal.throwIfAborted();
    try {
      return await connect();
    } catch (error) {
      if (!isRefusal(error)) throw error;
    }
    await delay(listenGapMs, undefined, { signal });
  }
}
