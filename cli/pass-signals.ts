// SPDX-License-Identifier: MIT
import { constants } from 'node:os';
import type { SessionId, SessionSignal } from '#contract/guest.ts';
import type { HelperConnection } from './connect.ts';

const passed: readonly SessionSignal[] = ['INT', 'QUIT', 'TERM', 'USR1', 'USR2'];
/** What a command that does not heed it is left with when it comes again: the helper then ends it. */
const ending: readonly SessionSignal[] = ['INT', 'QUIT', 'TERM'];

/**
 * From here on the signals that this program gets are the command's in the guest. The end of our terminal (SIGHUP) ends
 * us as ever, and that the command.
 */
export function passSignals(connection: HelperConnection, session: SessionId): void {
  const before = new Set<SessionSignal>();
  for (const signal of passed) {
    process.on(`SIG${signal}`, () => {
      if (before.has(signal) && ending.includes(signal)) process.exit(128 + constants.signals[`SIG${signal}`]);
      before.add(signal);
      // It may have ended; its end is told by session.wait.
      connection.request('session.signal', { session, signal }).catch(() => undefined);
    });
  }
}
