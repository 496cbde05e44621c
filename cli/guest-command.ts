// SPDX-License-Identifier: MIT
import type { Socket } from 'node:net';
import type { InstanceName } from '#contract/names.ts';
import type { HelperConnection } from './connect.ts';
import { CliError } from './cli-error.ts';
import { connectionLost } from './connection-lost.ts';
import { exitCodes } from './exit-codes.ts';
import { sessionExitCode } from './session-exit-code.ts';

/** A command of ours in a guest. */
export interface GuestCommand {
  /** Its stdin and stdout. */
  readonly stream: Socket;
  /** Resolves when it succeeded. Throws CliError with what it said when not. */
  done(): Promise<void>;
}

const keptErrorLength = 2000;

/** Starts a command in the instance's guest, as its default user. */
export async function runInGuest(connection: HelperConnection, name: InstanceName, command: readonly string[]): Promise<GuestCommand> {
  const { session, stdio, stderr } = await connection.request('exec.open', { name, command: [...command] });
  const [stream, errors] = await Promise.all([connection.openStream(stdio), connection.openStream(stderr)]);
  let said = '';
  errors.setEncoding('utf8').on('data', (text: string) => { said = (said + text).slice(-keptErrorLength); });
  errors.end();
  const end = Promise.race([connection.request('session.wait', { session }), connectionLost(connection)]);
  return {
    stream,
    done: async () => {
      const exitCode = sessionExitCode(await end);
      if (exitCode !== 0) throw new CliError(said.trim() || `the guest's command failed with exit code ${exitCode}`, exitCodes.failed);
    },
  };
}
