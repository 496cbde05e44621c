// SPDX-License-Identifier: MIT
import { constants } from 'node:os';
import type { SessionEnd } from '#contract/guest.ts';
import { exitCodes } from './exit-codes.ts';

/** The exit code for how a shell or command in the guest ended; 128 + the signal's number, as shells have it. */
export function sessionExitCode(end: SessionEnd): number {
  if (end.exitCode !== undefined) return end.exitCode;
  const signal = `SIG${end.signal?.replace(/^SIG/, '') ?? ''}`;
  const number = Object.entries(constants.signals).find(([name]) => name === signal)?.[1];
  return number === undefined ? exitCodes.sessionFailed : 128 + number;
}
