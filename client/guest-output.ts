// SPDX-License-Identifier: MIT
import { text } from 'node:stream/consumers';
import type { InstanceName } from '#contract/names.ts';
import type { HelperConnection } from './helper-connection.ts';

/** What a short command of ours prints in a guest. Its stderr is passed over. Rejects with HelperCallError. */
export async function guestOutput(connection: HelperConnection, name: InstanceName, command: readonly string[], signal: AbortSignal): Promise<string> {
  const { stdio, stderr } = await connection.request('exec.open', { name, command: [...command] }, { signal });
  const [both, errors] = await Promise.all([connection.openStream(stdio, { signal }), connection.openStream(stderr, { signal })]);
  const onAbort = (): void => {
    both.destroy();
    errors.destroy();
  };
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    errors.end();
    errors.resume();
    both.end();
    return await text(both);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
