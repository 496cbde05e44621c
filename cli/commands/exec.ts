// SPDX-License-Identifier: MIT
import { finished } from 'node:stream/promises';
import type { Readable, Writable } from 'node:stream';
import type { CommandContext } from '../command-context.ts';
import { connectionLost } from '../connection-lost.ts';
import { sessionExitCode } from '../session-exit-code.ts';

/** `berth exec`: runs a command in the instance with our stdin, stdout and stderr. Returns its exit code. */
export async function exec(context: CommandContext, name: string, words: readonly string[], options: { readonly workdir?: string | undefined }): Promise<number> {
  const connection = await context.connect();
  // Everything behind the name is handed on as it is, the `--` that ends our own options with it.
  const command = words[0] === '--' ? words.slice(1) : words;
  const { session, stdio, stderr } = await connection.request('exec.open', {
    name, command: [...command], ...(options.workdir === undefined ? {} : { workingDirectory: options.workdir }),
  });
  const [both, errors] = await Promise.all([connection.openStream(stdio), connection.openStream(stderr)]);
  errors.end();
  process.stdin.pipe(both);
  const copied = Promise.all([copyOut(both, process.stdout), copyOut(errors, process.stderr)]);
  const end = await Promise.race([connection.request('session.wait', { session }), connectionLost(connection)]);
  process.stdin.unpipe(both);
  await copied;
  return sessionExitCode(end);
}

/** Copies to one of our own outputs, which is left open, as fast as it takes it. */
async function copyOut(from: Readable, to: Writable): Promise<void> {
  from.pipe(to, { end: false });
  // A command may end before it has read all of its input; the stream then closes without an end, and the exit code tells.
  await finished(from, { writable: false }).catch(() => undefined);
}
