// SPDX-License-Identifier: MIT
import type { Duplex } from 'node:stream';
import { finished } from 'node:stream/promises';
import type { SessionEnd, SessionId } from '#contract/guest.ts';
import type { HelperConnection } from './connect.ts';
import { connectionLost } from './connection-lost.ts';
import { discardInput, enterRawMode, lendTerminal, terminalSize } from './raw-terminal.ts';

interface TerminalSession {
  readonly session: SessionId;
  readonly stream: Duplex;
  readonly takesInput: boolean;
}

/** Lends this terminal to what runs on one in the guest, until that ends. Returns how it ended. */
export async function useTerminal(
  connection: HelperConnection,
  { session, stream, takesInput }: TerminalSession,
): Promise<SessionEnd> {
  const giveBack = lendTerminal();
  const leaveRawMode = takesInput ? enterRawMode() : () => undefined;
  try {
    process.stdout.on('resize', () => {
      // What runs there may have ended; its end is told below.
      connection.request('session.resize', { session, size: terminalSize() }).catch(() => undefined);
    });
    if (takesInput) process.stdin.pipe(stream);
    stream.pipe(process.stdout, { end: false });
    const end = await Promise.race([connection.request('session.wait', { session }), connectionLost(connection)]);
    await finished(stream, { writable: false });
    return end;
  } finally {
    process.stdin.unpipe(stream);
    stream.unpipe(process.stdout);
    giveBack();
    await discardInput();
    leaveRawMode();
  }
}
