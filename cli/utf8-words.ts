// SPDX-License-Identifier: MIT
import { isUtf8 } from 'node:buffer';
import { readFileSync } from 'node:fs';
import { say } from '#messages/say.ts';
import { textOfPath } from '../client/transfer/byte-path.ts';
import { CliError } from './cli-error.ts';
import { exitCodes } from './exit-codes.ts';

const replacement = '\u{FFFD}';
const nul = 0x00;

/**
 * Throws where one of the last words of our command line is not what was typed: Node reads bytes that are no UTF-8 with
 * losses, and nobody is to run something else in the guest. The kernel has kept them (proc_pid_cmdline(5)).
 */
export function requireUtf8(words: readonly string[]): void {
  if (!words.some((word) => word.includes(replacement))) return;
  const wrong = lastWords(words.length).find((bytes) => !isUtf8(bytes));
  if (wrong)
    throw new CliError(
      say('cli.usage.not-utf8', { word: textOfPath(wrong) }),
      exitCodes.usage,
      say('cli.usage.not-utf8-hint'),
    );
}

function lastWords(count: number): readonly Buffer[] {
  const line = readFileSync('/proc/self/cmdline');
  const words: Buffer[] = [];
  for (let end = line.length - 1; end >= 0 && words.length < count;) {
    const begin = end === 0 ? 0 : line.lastIndexOf(nul, end - 1) + 1;
    words.unshift(line.subarray(begin, end));
    end = begin - 1;
  }
  return words;
}
