// SPDX-License-Identifier: MIT
import type { IncomingMessage } from 'node:http';
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
    if (left < 0) response.destroy(new FetchError('refused', 'it is longer than it may be'));
  });
  response.pause(); // until somebody takes it
  const windowMs = Math.min(slowWindowMs, limit.stallMs * 2);
  const watch = setInterval(() => {
    if (!response.isPaused() && windowBytes < (leastBytesPerSecond * windowMs) / 1000)
      response.destroy(new FetchError('passing', `only ${windowBytes} bytes came in ${Math.round(windowMs / 1000)} s`));
    windowBytes = 0;
  }, windowMs);
  response.setTimeout(limit.stallMs, () => {
    // A reader that waits (a slow disk) is not the server's fault.
    if (!response.isPaused())
      response.destroy(new FetchError('passing', `nothing came for ${Math.round(limit.stallMs / 1000)} s`));
  });
  response.on('close', () => clearInterval(watch));
  return response;
}
