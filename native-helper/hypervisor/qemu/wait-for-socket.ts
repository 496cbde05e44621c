// SPDX-License-Identifier: MIT
import { lstat, watch } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

/** Between bind(2), which makes the file, and listen(2) a connection is refused; there is no event for the second. */
const listenGapMs = 5;

/**
 * Calls `connect` once the socket's file is there, again while it is refused, and returns its result.
 * Rejects when `signal` aborts.
 */
export async function whenListening<Connection>(socket: string, signal: AbortSignal, connect: () => Promise<Connection>, isRefusal: (error: unknown) => boolean): Promise<Connection> {
  await appearance(socket, signal);
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

async function appearance(file: string, signal: AbortSignal): Promise<void> {
  const stopped = new AbortController();
  const changes = watch(path.dirname(file), { signal: AbortSignal.any([signal, stopped.signal]) });
  const nextChange = (): Promise<unknown> => {
    const change = changes.next();
    change.catch(() => {}); // it may be ended by an abort while nobody waits for it
    return change;
  };
  try {
    // the watch is set up by the first next(), so looking comes after it
    let change = nextChange();
    while (!(await exists(file))) {
      await change;
      change = nextChange();
    }
  } finally {
    stopped.abort();
  }
}

async function exists(file: string): Promise<boolean> {
  return lstat(file).then(() => true, () => false);
}
