// SPDX-License-Identifier: MIT
import type { Duplex, Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
import type { z } from 'zod';
import type { consoleOpened } from '#contract/console.ts';
import { ReplayFilter } from '#contract/replay-filter.ts';
import { say } from '#messages/say.ts';
import type { CommandContext } from '../command-context.ts';
import type { HelperConnection } from '../connect.ts';
import { connectionLost } from '../connection-lost.ts';
import { exitCodes } from '../exit-codes.ts';
import { discardInput, enterRawMode, lendTerminal } from '../raw-terminal.ts';
import { withoutReplayedQueries } from '../render/terminal-queries.ts';

export interface ConsoleOptions {
  readonly boot?: number | undefined;
  readonly input: boolean;
  readonly follow: boolean;
}

/** `berth console`: the record of a boot from its first byte, then what follows live. Ctrl-] leaves. */
export async function openConsole(context: CommandContext, name: string, options: ConsoleOptions): Promise<number> {
  const connection = await context.connect();
  const opened = await connection.request('console.open', {
    name,
    ...(options.boot === undefined ? {} : { boot: options.boot }),
  });
  const stream = await connection.openStream(opened.token);
  const replayedBytes = Math.max(0, opened.boot.endOffset - opened.fromOffset);
  if (!options.follow) {
    const giveBack = lendTerminal();
    await copyBytes(stream, replayedBytes).finally(giveBack);
    return 0;
  }
  return await follow(stream, { connection, name, opened, replayedBytes, takesInput: options.input && opened.isLive });
}

interface Following {
  readonly connection: HelperConnection;
  readonly name: string;
  readonly opened: z.infer<typeof consoleOpened>;
  readonly replayedBytes: number;
  readonly takesInput: boolean;
}

async function follow(
  stream: Duplex,
  { connection, name, opened, replayedBytes, takesInput }: Following,
): Promise<number> {
  const tell = (text: string): void => {
    if (process.stderr.isTTY) process.stderr.write(`${text}\r\n`);
  };
  const where = { name, boot: opened.boot.number };
  tell(
    takesInput
      ? say('cli.console.begin', where)
      : say(opened.isLive ? 'cli.console.begin-watching' : 'cli.console.begin-read-only', where),
  );
  const giveBack = lendTerminal();
  const shown: Readable = process.stdout.isTTY ? stream.pipe(withoutReplayedQueries(replayedBytes)) : stream;
  shown.pipe(process.stdout, { end: false });
  const ended = finished(shown, { writable: false }).then(() => 'ended' as const);
  const isAsked = process.stdout.isTTY && process.stdin.isTTY; // by the guest, and answers
  const leaveRawMode = takesInput || isAsked ? enterRawMode() : () => undefined;
  const left = takesInput ? typeInto(stream) : isAsked ? keyThatLeaves() : new Promise<never>(() => undefined);
  try {
    const how = await Promise.race([ended, left, connectionLost(connection)]);
    shown.unpipe(process.stdout);
    giveBack();
    tell(`\r\n${say(how === 'ended' ? 'cli.console.ended' : 'cli.console.left')}`);
    return how === 'interrupted' ? exitCodes.interrupted : exitCodes.success;
  } finally {
    giveBack();
    await discardInput();
    leaveRawMode();
  }
}

/** Ctrl-], as in telnet(1) and virsh(1). */
const leaveKey = 0x1d;

/**
 * Types what comes from stdin; resolves at Ctrl-] on a terminal. An stdin that ends leaves the console open for
 * reading.
 */
async function typeInto(stream: Duplex): Promise<'left'> {
  const { promise, resolve } = Promise.withResolvers<'left'>();
  process.stdin.on('data', (chunk: Buffer) => {
    const end = process.stdin.isTTY ? chunk.indexOf(leaveKey) : -1;
    const typed = end === -1 ? chunk : chunk.subarray(0, end);
    if (typed.length > 0 && !stream.write(typed)) {
      process.stdin.pause();
      stream.once('drain', () => process.stdin.resume());
    }
    if (end !== -1) resolve('left');
  });
  return promise;
}

/** Keys that leave what is only looked at: Ctrl-C, Ctrl-\, Ctrl-]. */
const interruptKeys: readonly number[] = [0x03, 0x1c];

/**
 * Reads what is typed for a key that leaves, and passes over the rest: the terminal answers questions that the guest
 * puts, and the answers would be the shell's next command.
 */
async function keyThatLeaves(): Promise<'left' | 'interrupted'> {
  const { promise, resolve } = Promise.withResolvers<'left' | 'interrupted'>();
  process.stdin.on('data', (chunk: Buffer) => {
    if (chunk.some((key) => interruptKeys.includes(key))) resolve('interrupted');
    else if (chunk.includes(leaveKey)) resolve('left');
  });
  return promise;
}

/** Copies the record as it was when the console was opened, and stops. */
async function copyBytes(stream: Duplex, bytes: number): Promise<void> {
  const filter = process.stdout.isTTY ? new ReplayFilter() : undefined;
  let left = bytes;
  if (left === 0) return;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    const part = chunk.subarray(0, left);
    left -= part.length;
    if (!process.stdout.write(filter?.pass(part) ?? part))
      await new Promise((resolve) => process.stdout.once('drain', resolve));
    if (left === 0) return;
  }
}
