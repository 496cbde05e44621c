// SPDX-License-Identifier: MIT
import type { IncomingMessage } from 'node:http';
import { sentence } from '#messages/sentence.ts';
import { FetchError } from './fetch-request.ts';

/** A server that sends less than this over {@link slowWindowMs} is as good as silent. */
const leastBytesPerSecond = 512;
const slowWindowMs = 30_000;

/**
 * The same body, ended with an error when it is too long, falls silent, or trickles. It is watched as it passes,
 * not piped through anything: half a gigabyte a second is enough for the processor to feel it.
 */
export function bounded(
  response: IncomingMessage,
  limit: { readonly left: number; readonly stallMs: number },
): IncomingMessage {
  let { left } = limit;
  let windowBytes = 0;
  response.on('data', (chunk: Buffer) => {
    left -= chunk.length;
    windowBytes += chunk.length;
    if (left < 0) response.destroy(new FetchError('refused', sentence('fetch.longer-than-allowed')));
  });
  response.pause(); // until somebody takes it
  const windowMs = Math.min(slowWindowMs, limit.stallMs * 2);
  const watch = setInterval(() => {
    if (!response.isPaused() && windowBytes < (leastBytesPerSecond * windowMs) / 1000)
      response.destroy(
        new FetchError('passing', sentence('fetch.too-slow', { windowBytes, seconds: Math.round(windowMs / 1000) })),
      );
    windowBytes = 0;
  }, windowMs);
  response.setTimeout(limit.stallMs, () => {
    // A reader that waits (a slow disk) is not the server's fault.
    if (!response.isPaused())
      response.destroy(
        new FetchError('passing', sentence('fetch.nothing-came', { seconds: Math.round(limit.stallMs / 1000) })),
      );
  });
  response.on('close', () => clearInterval(watch));
  return response;
}
