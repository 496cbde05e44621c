// SPDX-License-Identifier: MIT
import type { Readable } from 'node:stream';
import type { InstanceName } from '#contract/names.ts';
import { say } from '#messages/say.ts';
import type { HelperConnection } from './helper-connection.ts';

/** What a short command of ours says, with room for a guest of many processes. */
const mostBytes = 8 * 1024 ** 2;

/**
 * What a short command of ours prints in a guest. Its stderr is passed over. Rejects with HelperCallError, and where
 * the guest does not stop.
 */
export async function guestOutput(
  connection: HelperConnection,
  name: InstanceName,
  command: readonly string[],
  signal: AbortSignal,
): Promise<string> {
  const { stdio, stderr } = await connection.request('exec.open', { name, command: [...command] }, { signal });
  const [both, errors] = await Promise.all([
    connection.openStream(stdio, { signal }),
    connection.openStream(stderr, { signal }),
  ]);
  const onAbort = (): void => {
    both.destroy();
    errors.destroy();
  };
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    errors.end();
    errors.resume();
    both.end();
    return await textOf(both);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

/** Leaving the loop ends the stream. */
async function textOf(stream: Readable): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > mostBytes) throw new Error(say('client.guest.too-much-output'));
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
