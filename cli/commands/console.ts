// SPDX-License-Identifier: MIT
import type { Duplex, Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
import type { CommandContext } from '../command-context.ts';
import { connectionLost } from '../connection-lost.ts';
import { enterRawMode } from '../raw-terminal.ts';
import { withoutReplayedQueries } from '../render/terminal-queries.ts';

export interface ConsoleOptions {
  readonly boot?: number | undefined;
  readonly input: boolean;
  readonly follow: boolean;
}

/** `berth console`: the record of a boot from its first byte, then what follows live. Ctrl-] leaves. */
export async function openConsole(context: CommandContext, name: string, options: ConsoleOptions): Promise<number> {
  const connection = await context.connect();
  const opened = await connection.request('console.open', { name, ...(options.boot === undefined ? {} : { boot: options.boot }) });
  const stream = await connection.openStream(opened.token);
  const replayedBytes = Math.max(0, opened.boot.endOffset - opened.fromOffset);
  if (!options.follow) {
    await copyBytes(stream, replayedBytes);
    return 0;
  }
  const takesInput = options.input && opened.isLive;
  const tell = (text: string): void => { if (process.stderr.isTTY) process.stderr.write(text); };
  tell(takesInput ? `[console of ${name}, boot ${opened.boot.number}; Ctrl-] leaves]\r\n` : `[console of ${name}, boot ${opened.boot.number}, read only${opened.isLive ? '; Ctrl-C leaves' : ''}]\r\n`);
  const shown: Readable = process.stdout.isTTY ? stream.pipe(withoutReplayedQueries(replayedBytes)) : stream;
  shown.pipe(process.stdout, { end: false });
  const ended = finished(shown, { writable: false }).then(() => 'ended' as const);
  const leaveRawMode = takesInput ? enterRawMode() : () => undefined;
  const left = takesInput ? typeInto(stream) : new Promise<never>(() => undefined);
  try {
    const how = await Promise.race([ended, left, connectionLost(connection)]);
    tell(how === 'left' ? '\r\n[left the console]\r\n' : '\r\n[the console has ended]\r\n');
    return 0;
  } finally {
    leaveRawMode();
  }
}

/** Ctrl-], as in telnet(1) and virsh(1). */
const leaveKey = 0x1d;

/** Types what comes from stdin; resolves at Ctrl-] on a terminal. An stdin that ends leaves the console open for reading. */
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

/** Copies the record as it was when the console was opened, and stops. */
async function copyBytes(stream: Duplex, bytes: number): Promise<void> {
  let left = bytes;
  if (left === 0) return;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    const part = chunk.subarray(0, left);
    left -= part.length;
    if (!process.stdout.write(part)) await new Promise((resolve) => process.stdout.once('drain', resolve));
    if (left === 0) return;
  }
}
