// SPDX-License-Identifier: MIT
import type { IncomingMessage } from 'node:http';
import { Transform, type Readable } from 'node:stream';
import { FetchError } from './fetch-request.ts';

/** A server that sends less than this over {@link slowWindowMs} is as good as silent. */
const leastBytesPerSecond = 512;
const slowWindowMs = 30_000;

/** The body, ended with an error when it is too long, falls silent, or trickles. */
export function bounded(response: IncomingMessage, limit: { readonly left: number; readonly stallMs: number }): Readable {
  let { left } = limit;
  let windowBytes = 0;
  const through = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      left -= chunk.length;
      windowBytes += chunk.length;
      if (left < 0) done(new FetchError('refused', 'it is longer than it may be'));
      else done(null, chunk);
    },
  });
  const windowMs = Math.min(slowWindowMs, limit.stallMs * 2);
  const watch = setInterval(() => {
    // A reader that waits (a slow disk) is not the server's fault.
    if (through.readableLength < through.readableHighWaterMark && windowBytes < (leastBytesPerSecond * windowMs) / 1000) {
      through.destroy(new FetchError('passing', `only ${windowBytes} bytes came in ${Math.round(windowMs / 1000)} s`));
    }
    windowBytes = 0;
  }, windowMs);
  response.setTimeout(limit.stallMs, () => through.destroy(new FetchError('passing', `nothing came for ${Math.round(limit.stallMs / 1000)} s`)));
  response.on('error', (error) => through.destroy(error));
  through.on('close', () => {
    clearInterval(watch);
    response.destroy();
  });
  return response.pipe(through);
}
