// SPDX-License-Identifier: MIT
import { once } from 'node:events';
import type { Duplex } from 'node:stream';
import type { ConsoleRecord } from './console-record.ts';

const chunkBytes = 128 * 1024;

interface Typing {
  /** Resolves when more may be typed. */
  readonly type: (bytes: Buffer) => Promise<void>;
  /** It cannot be typed any more, and why. */
  readonly onFailure: (error: unknown) => void;
}

/**
 * Sends a client the record from `fromOffset` on and then what follows live, at the client's own
 * pace: a slow window holds back nobody, since everyone reads the file. What the client sends is
 * typed, when the boot takes input, at the guest's pace: while it takes nothing, nothing is read from
 * the client. Resolves when either side has ended.
 */
export async function streamConsole(
  record: ConsoleRecord,
  client: Duplex,
  fromOffset: number,
  typing?: Typing,
): Promise<void> {
  const gone = new AbortController();
  client.once('close', () => gone.abort());
  client.on('error', () => client.destroy());
  client.on('data', (bytes: Buffer) => {
    if (typing) void typeAll(client, bytes, typing);
  });
  const handle = await record.openLog();
  let offset = Math.max(fromOffset, record.firstOffset);
  try {
    while (!gone.signal.aborted) {
      offset = Math.max(offset, record.firstOffset); // the oldest part may have been let go meanwhile
      // Of what a guest prints byte by byte only what the record has seen: it looks now and then, and so do we.
      const chunk = await record.read(
        handle,
        offset,
        record.isLive ? Math.min(chunkBytes, record.endOffset - offset) : chunkBytes,
      );
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

async function typeAll(client: Duplex, bytes: Buffer, { type, onFailure }: Typing): Promise<void> {
  client.pause();
  try {
    await type(bytes);
    client.resume();
  } catch (error) {
    onFailure(error);
    client.destroy(); // it learns that what it typed did not arrive
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
