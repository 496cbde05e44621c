// SPDX-License-Identifier: MIT
import { createInterface } from 'node:readline/promises';
import { printable } from './output.ts';

/** Ctrl-C at a question: the answer is whatever leaves things as they are. */
export const interrupted = Symbol('interrupted');

/** Asks on stderr, so that stdout stays the command's own. Returns the answer in lower case. */
export async function ask(question: string): Promise<string | typeof interrupted> {
  const lines = createInterface({ input: process.stdin, output: process.stderr, terminal: true });
  const { promise, resolve } = Promise.withResolvers<typeof interrupted>();
  lines.once('SIGINT', () => resolve(interrupted));
  lines.once('close', () => resolve(interrupted));
  try {
    const answer = await Promise.race([lines.question(printable(question)), promise]);
    if (answer === interrupted) process.stderr.write('\n');
    return answer === interrupted ? answer : answer.trim().toLowerCase();
  } finally {
    lines.close();
  }
}

/** A question that only a clear yes agrees to. */
export async function confirm(question: string): Promise<boolean> {
  const answer = await ask(`${question} [y/N] `);
  return answer === 'y' || answer === 'yes';
}

/** Whether somebody is there to answer. */
export function canAsk(): boolean {
  return process.stdin.isTTY && process.stderr.isTTY;
}
