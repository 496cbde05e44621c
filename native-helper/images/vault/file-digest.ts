// SPDX-License-Identifier: MIT
import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { fingerprint, type Fingerprint } from '#contract/names.ts';

const chunkBytes = 1024 ** 2;

/** The sha256 of a file, in lower-case hex. One part is read while the one before is hashed. */
export async function digestOf(file: string, signal: AbortSignal): Promise<Fingerprint> {
  const hash = createHash('sha256');
  const handle = await open(file, 'r');
  try {
    let [current, spare] = [Buffer.allocUnsafe(chunkBytes), Buffer.allocUnsafe(chunkBytes)];
    let reading = handle.read(current, 0, chunkBytes);
    for (;;) {
      const { bytesRead } = await reading;
      signal.throwIfAborted();
      if (bytesRead === 0) return fingerprint.parse(hash.digest('hex'));
      reading = handle.read(spare, 0, chunkBytes);
      reading.catch(() => {}); // thrown where it is waited for
      hash.update(current.subarray(0, bytesRead));
      [current, spare] = [spare, current];
    }
  } finally {
    await handle.close();
  }
}
