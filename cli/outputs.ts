// SPDX-License-Identifier: MIT
import { writeSync } from 'node:fs';
import { Socket } from 'node:net';
import type { Writable } from 'node:stream';
import { getSystemErrorMessage } from 'node:util';
import { say } from '#messages/say.ts';
import { exitCodes } from './exit-codes.ts';
import { showError } from './output.ts';

let failureCode: number = exitCodes.failed;
let isStderrLost = false;

/**
 * From here on output that cannot be written ends the program: with one sentence, or quietly where its reader has gone.
 * What goes to stderr and is lost costs the exit code alone, because there is nowhere left to say so, and work may be
 * under way.
 */
export function guardOutputs(): void {
  for (const output of [process.stdout, process.stderr]) writeWhole(output);
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(exitCodes.brokenPipe);
    showError(`berth: ${say('cli.output.not-written', { reason: reasonOf(error) })}\n`);
    process.exit(failureCode);
  });
  process.stderr.on('error', () => {
    isStderrLost = true;
  });
}

/** The exit code from here on for output that cannot be written. */
export function failOutputsWith(code: number): void {
  failureCode = code;
}

/** For commands whose stderr is a guest's output: nobody can read it any more, so they end. */
export function endWithStderr(): void {
  process.stderr.on('error', (error: NodeJS.ErrnoException) =>
    process.exit(error.code === 'EPIPE' ? exitCodes.brokenPipe : failureCode),
  );
}

/**
 * Resolves when all that was written has reached its file, pipe or terminal. Returns the exit code, which is no success
 * where stderr was lost.
 */
export async function settleOutputs(exitCode: number): Promise<number> {
  for (const output of [process.stdout, process.stderr]) await new Promise((resolve) => output.write('', resolve));
  await new Promise((resolve) => setImmediate(resolve)); // an error is told a turn later
  return exitCode === exitCodes.success && isStderrLost ? failureCode : exitCode;
}

/** Node writes to a file once, and takes what a nearly full disk did not take for written. */
function writeWhole(output: Writable & { readonly fd: number; readonly isTTY: boolean }): void {
  if (output.isTTY || output instanceof Socket) return;
  output._write = (chunk: Buffer, _encoding, done) => {
    try {
      for (let at = 0; at < chunk.length;) at += writeSync(output.fd, chunk, at);
      done();
    } catch (error) {
      done(error as Error);
    }
  };
}

function reasonOf({ errno, message }: NodeJS.ErrnoException): string {
  return errno === undefined ? message : getSystemErrorMessage(errno);
}
