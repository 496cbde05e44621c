// SPDX-License-Identifier: MIT
import { finished } from 'node:stream/promises';
import type { Readable, Writable } from 'node:stream';
import { commandBytes, mostCommandBytes, type SessionEnd } from '#contract/guest.ts';
import { say } from '#messages/say.ts';
import { HelperCallError } from '../../client/helper-call-error.ts';
import { CliError } from '../cli-error.ts';
import type { CommandContext } from '../command-context.ts';
import { connectionLost } from '../connection-lost.ts';
import { exitCodes } from '../exit-codes.ts';
import { endWithStderr } from '../outputs.ts';
import { passSignals } from '../pass-signals.ts';
import { lendTerminal, ownTerminal } from '../raw-terminal.ts';
import { onceReachable } from '../once-reachable.ts';
import { concludeSession } from '../conclude-session.ts';
import { useTerminal } from '../use-terminal.ts';
import { requireUtf8 } from '../utf8-words.ts';

export interface ExecOptions {
  readonly workdir?: string | undefined;
  /** A terminal in the instance; undefined: where there is one here. */
  readonly tty?: boolean | undefined;
  readonly stdin: boolean;
  readonly start: boolean;
}

/** `berth exec`: runs a command in the instance with our stdin, stdout and stderr. Returns its exit code. */
export async function exec(
  context: CommandContext,
  name: string,
  words: readonly string[],
  options: ExecOptions,
): Promise<number> {
  endWithStderr();
  // Everything behind the name is handed on as it is, the `--` that ends our own options with it.
  const command = words[0] === '--' ? words.slice(1) : words;
  requireWhole(command);
  requireUtf8(command);
  const bytes = commandBytes(command);
  if (bytes > mostCommandBytes) throw HelperCallError.of('guest.command-too-long', { bytes, limit: mostCommandBytes });
  const isOnTerminal = options.tty ?? (options.stdin && process.stdin.isTTY && process.stdout.isTTY);
  const connection = await context.connect();
  const opened = await onceReachable(context, name, options.start, () =>
    connection.request('exec.open', {
      name,
      command: [...command],
      ...(options.workdir === undefined ? {} : { workingDirectory: options.workdir }),
      ...(isOnTerminal ? { terminal: ownTerminal() } : {}),
    }),
  );
  const { session } = opened;
  const [both, errors] = await Promise.all([connection.openStream(opened.stdio), connection.openStream(opened.stderr)]);
  errors.end();
  if (isOnTerminal) {
    errors.resume();
    const end = await useTerminal(connection, { session, stream: both, takesInput: options.stdin });
    return await concludeSession(connection, name, end, lost);
  }
  passSignals(connection, session);
  if (options.stdin) process.stdin.pipe(both);
  else both.end();
  const giveBack = lendTerminal();
  let end: SessionEnd;
  try {
    const copied = Promise.all([copyOut(both, process.stdout), copyOut(errors, process.stderr)]);
    end = await Promise.race([connection.request('session.wait', { session }), connectionLost(connection)]);
    process.stdin.unpipe(both);
    await copied;
  } finally {
    giveBack();
  }
  return await concludeSession(connection, name, end, lost);
}

const lost = { shutDown: 'cli.exec.shut-down', lost: 'cli.exec.lost' } as const;

/** Without a `--` an option of the command that is called like one of ours would be taken out of it. */
function requireWhole(command: readonly string[]): void {
  const typed = process.argv.slice(-command.length);
  if (!command.every((word, index) => word === typed[index]))
    throw new CliError(say('cli.exec.options-taken'), exitCodes.usage);
}

/** Copies to one of our own outputs, which is left open, as fast as it takes it. */
async function copyOut(from: Readable, to: Writable): Promise<void> {
  from.pipe(to, { end: false });
  // A command may end before it has read all of its input; the stream then closes without an end, and the exit code
  // tells.
  await finished(from, { writable: false }).catch(() => undefined);
}
