// SPDX-License-Identifier: MIT
import { finished } from 'node:stream/promises';
import type { CommandContext } from '../command-context.ts';
import { connectionLost } from '../connection-lost.ts';
import { enterRawMode, terminalSize } from '../raw-terminal.ts';
import { sessionExitCode } from '../session-exit-code.ts';

/** `berth shell`: a login shell in the instance, on this terminal. Returns the shell's exit code. */
export async function shell(context: CommandContext, name: string): Promise<number> {
  const connection = await context.connect();
  const term = /^[\w.+-]{1,32}$/.test(process.env['TERM'] ?? '') ? process.env['TERM'] : undefined;
  const { session, terminal } = await connection.request('shell.open', { name, size: terminalSize(), ...(term ? { term } : {}) });
  const stream = await connection.openStream(terminal);
  const leaveRawMode = enterRawMode();
  try {
    process.stdout.on('resize', () => {
      // The shell may have ended; its end is told below.
      connection.request('session.resize', { session, size: terminalSize() }).catch(() => undefined);
    });
    process.stdin.pipe(stream);
    stream.pipe(process.stdout, { end: false });
    const end = await Promise.race([connection.request('session.wait', { session }), connectionLost(connection)]);
    await finished(stream, { writable: false });
    return sessionExitCode(end);
  } finally {
    process.stdin.unpipe(stream);
    leaveRawMode();
  }
}
