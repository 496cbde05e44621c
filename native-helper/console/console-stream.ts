// SPDX-License-Identifier: MIT
import { once } from 'node:events';
import type { Duplex } from 'node:stream';
import type { ConsoleRecord } from './console-record.ts';

const chunkBytes = 128 * 1024;

/**
 * Sends a client the record from `fromOffset` on and then what follows live, at the client's own
 * pace: a slow window holds back nobody, since everyone reads the file. What the client sends is
 * typed through `type`, when the boot takes input. Resolves when either side has ended.
 */
export async function streamConsole(record: ConsoleRecord, client: Duplex, fromOffset: number, type?: (bytes: Buffer) => void): Promise<void> {
  const gone = new AbortController();
  client.once('close', () => gone.abort());
  client.on('error', () => client.destroy());
  client.on('data', (bytes: Buffer) => type?.(bytes));
  const handle = await record.openLog();
  let offset = Math.max(fromOffset, record.firstOffset);
  try {
    while (!gone.signal.aborted) {
      offset = Math.max(offset, record.firstOffset); // the oldest part may have been let go meanwhile
      const chunk = await record.read(handle, offset, chunkBytes);
      if (chunk.length > 0) {
        offset += chunk.length;
        if (!client.write(chunk)) await once(client, 'drain', { signal: gone.signal });
        continue;
      }
      if (!record.isLive) break;
      if (record.endOffset <= offset) await nextChange(record, gone.signal);
    }
  } catch (error) {
    if (!gone.signal.aborted) throw error;
  } finally {
    await handle.close();
    client.end();
  }
}

async function nextChange(record: ConsoleRecord, signal: AbortSignal): Promise<void> {
  const either = new AbortController();
  const until = AbortSignal.any([signal, either.signal]);
  try {
    await Promise.race([once(record, 'grown', { signal: until }), once(record, 'ended', { signal: until })]);
  } finally {
    either.abort();
  }
}
