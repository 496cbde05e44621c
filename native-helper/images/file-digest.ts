// SPDX-License-Identifier: MIT
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { fingerprint, type Fingerprint } from '#contract/names.ts';

/** The sha256 of a file, in lower-case hex. */
export async function digestOf(file: string, signal: AbortSignal): Promise<Fingerprint> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file, { highWaterMark: 1024 ** 2 }), hash, { signal });
  return fingerprint.parse(hash.digest('hex'));
}
