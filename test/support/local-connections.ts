// SPDX-License-Identifier: MIT
import pino from 'pino';
import { GuestConnections } from '../../native-helper/guest/guest-connections.ts';
import { SshProcesses } from '../../native-helper/guest/ssh-processes.ts';
import { LocalProcessRunner } from '../../native-helper/process/runner.ts';

/** SSH to guests as the helper does it, without a helper: for servers that a test runs itself. To be closed. */
export function localConnections(): GuestConnections {
  return new GuestConnections(
    new SshProcesses({
      runner: new LocalProcessRunner(),
      log: pino({ level: process.env.BERTH_TEST_LOG ?? 'silent' }),
    }),
  );
}
