// SPDX-License-Identifier: MIT
import { runToEnd, type GuestOutcome } from '../guest/run-to-end.ts';
import type { SshConnection } from '../guest/ssh-connection.ts';
import { quoteCommand } from '../guest/shell-quote.ts';
import { mountLimitMs } from './attached-share.ts';

/**
 * Runs a command to its end; undefined when the connection broke under it, or the guest took too long. Rejects when the
 * signal is aborted.
 */
export async function runInGuest(
  connection: SshConnection,
  command: readonly string[],
  signal?: AbortSignal,
  input?: string | Uint8Array,
): Promise<GuestOutcome | undefined> {
  const limited = AbortSignal.any([AbortSignal.timeout(mountLimitMs), ...(signal === undefined ? [] : [signal])]);
  try {
    const run = await connection.exec(quoteCommand(command), limited);
    const outcome = await runToEnd({ ...run, output: run.channel }, limited, input);
    return connection.isOpen ? outcome : undefined;
  } catch {
    signal?.throwIfAborted();
    return undefined; // the connection is gone; whoever holds it learns so by `closed`
  }
}

/** Resolves with undefined where the work takes longer. */
export async function within<Value>(limitMs: number, work: Promise<Value>): Promise<Value | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve, limitMs, undefined);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
