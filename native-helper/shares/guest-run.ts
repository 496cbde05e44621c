// SPDX-License-Identifier: MIT
import type { SshConnection } from '../guest/ssh-connection.ts';
import { quoteCommand } from '../guest/shell-quote.ts';

export interface GuestOutcome {
  readonly exitCode: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command to its end; undefined when the connection broke under it. What it prints is kept up to 64 KiB. */
export async function runInGuest(connection: SshConnection, command: readonly string[], input?: string | Uint8Array): Promise<GuestOutcome | undefined> {
  try {
    const { channel, ended } = await connection.exec(quoteCommand(command));
    const printed = { stdout: '', stderr: '' };
    channel.on('error', () => undefined); // its end is told by `ended`
    channel.on('data', (chunk: Buffer) => { printed.stdout = (printed.stdout + chunk.toString('utf8')).slice(-65_536); });
    channel.stderr.on('data', (chunk: Buffer) => { printed.stderr = (printed.stderr + chunk.toString('utf8')).slice(-65_536); });
    channel.end(input);
    const end = await connection.whileOpen(ended);
    return connection.isOpen ? { exitCode: end?.exitCode, ...printed } : undefined;
  } catch {
    return undefined; // the connection is gone; whoever holds it learns so by `closed`
  }
}

/** Resolves with undefined where the work takes longer. */
export async function within<Value>(limitMs: number, work: Promise<Value>): Promise<Value | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => { timer = setTimeout(resolve, limitMs, undefined); });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
