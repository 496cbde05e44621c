// SPDX-License-Identifier: MIT
import { write } from 'node:fs';
import { isatty } from 'node:tty';
import { promisify } from 'node:util';
import { spawn, type IPty } from 'node-pty';
import { afterEach, beforeEach, expect, it } from 'vitest';

/**
 * What pty-stream.ts uses of node-pty and node-pty does not promise: the descriptor, and bytes instead of text. Another
 * version that has them no more fails here.
 */
let pty: IPty & { readonly fd: number };
let seen: unknown[];
beforeEach(() => {
  pty = spawn('sh', ['-c', 'stty -echo; echo ready; read line; printf "got %s \\377 end" "$line"; read line'], {
    encoding: null,
  }) as typeof pty;
  seen = [];
  pty.onData((data) => seen.push(data));
});
afterEach(() => {
  pty.kill('SIGKILL');
});

const text = (): string => Buffer.concat(seen as Buffer[]).toString('latin1');

it('fd is the terminal, and what is written there is read by the program', async () => {
  expect(isatty(pty.fd)).toBe(true);
  await expect.poll(text, { timeout: 30_000 }).toContain('ready');
  await promisify(write)(pty.fd, Buffer.from('this\n'));
  await expect.poll(text, { timeout: 30_000 }).toContain('got this \u00ff end');
});

it('with encoding null what comes is bytes as they are', async () => {
  await expect.poll(text, { timeout: 30_000 }).toContain('ready');
  expect(seen.every((data) => Buffer.isBuffer(data))).toBe(true);
});

it('a paused one gives nothing until it is resumed', async () => {
  await expect.poll(text, { timeout: 30_000 }).toContain('ready');
  pty.pause();
  await promisify(write)(pty.fd, Buffer.from('later\n'));
  await new Promise((resolve) => {
    setTimeout(resolve, 300);
  });
  expect(text()).not.toContain('later');
  pty.resume();
  await expect.poll(text, { timeout: 30_000 }).toContain('got later');
});
