// SPDX-License-Identifier: MIT
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { TerminalHost } from '../../../electron/link/terminal-host.ts';

let directory: string;
let host: TerminalHost;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'berth-terminal-'));
  const cliPath = join(directory, 'berth');
  writeFileSync(cliPath, '#!/bin/sh\necho "berth at $BERTH_RUN_DIR"\n');
  chmodSync(cliPath, 0o755);
  host = new TerminalHost({
    environment: { ...process.env, SHELL: '/bin/sh', PS1: '$ ', ELECTRON_RUN_AS_NODE: '1', HOME: directory },
    cliPath,
    runDirectory: '/run/elsewhere',
  });
});

afterEach(() => {
  host.closeAll();
  rmSync(directory, { recursive: true });
});

async function open(
  columns = 80,
  rows = 24,
): Promise<{ session: string; terminal: string; stream: Duplex; text: () => string }> {
  const opened = await host.open({ columns, rows });
  const stream = host.claim(opened.terminal);
  if (!stream) throw new Error('the terminal cannot be claimed');
  let text = '';
  stream.on('data', (chunk: Buffer) => {
    text += chunk.toString('utf8');
  });
  return { ...opened, stream, text: () => text };
}

async function until(condition: () => boolean): Promise<void> {
  await expect.poll(condition, { interval: 5, timeout: 20_000 }).toBe(true);
}

/** Process numbers of the shells that run in our directory. */
function shells(): string[] {
  return readdirSync('/proc').filter((pid) => {
    try {
      return readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0').includes(`HOME=${directory}`);
    } catch {
      // Not a process, or gone meanwhile.
      return false;
    }
  });
}

describe('terminal host', () => {
  test("runs the user's shell in a terminal of its own and ends with it", async () => {
    const { stream, text } = await open();
    stream.write('tty; echo "TERM=$TERM node=[$ELECTRON_RUN_AS_NODE]"; exit\n');
    await until(() => stream.readableEnded);
    expect(text()).toMatch(/\/dev\/pts\/\d+\r\n/); // behind a prompt or not: what is typed ahead is echoed first
    expect(text()).toContain('TERM=xterm-256color node=[]');
    await until(() => shells().length === 0);
  });

  test('finds berth, which talks to the same helper', async () => {
    const { stream, text } = await open();
    stream.write('berth; exit\n');
    await until(() => stream.readableEnded);
    expect(text()).toContain('berth at /run/elsewhere');
  });

  test('has the size that was asked for, also later', async () => {
    const { session, stream, text } = await open(101, 33);
    stream.write('stty size\n');
    await until(() => text().includes('33 101'));
    host.resize(session, { columns: 60, rows: 20 });
    stream.write('stty size\n');
    await until(() => text().includes('20 60'));
    stream.write('exit\n');
    await until(() => stream.readableEnded);
    expect(() => host.resize(session, { columns: 1, rows: 1 })).toThrow(/ended/);
  });

  test('hangs up when its stream goes away', async () => {
    const { stream } = await open();
    stream.write('trap "" HUP; sleep 1000\n');
    await until(() => shells().length === 2);
    stream.destroy();
    await until(() => shells().length <= 1);
    host.closeAll();
  });

  test('hands out a terminal once', async () => {
    const { terminal, stream } = await open();
    expect(host.claim(terminal)).toBeUndefined();
    expect(host.claim('0'.repeat(32))).toBeUndefined();
    stream.destroy();
  });

  test('passes large output whole, and holds the program back while nobody reads', async () => {
    const { terminal } = await host.open({ columns: 80, rows: 24 });
    const stream = host.claim(terminal);
    if (!stream) throw new Error('the terminal cannot be claimed');
    stream.write('stty -echo -opost; head -c 20000000 /dev/zero; printf "written" > "$HOME/done"; exit\n');
    await new Promise((resolve) => setTimeout(resolve, 700));
    expect(readdirSync(directory)).not.toContain('done');
    expect(stream.readableLength).toBeLessThan(1024 * 1024);
    let zeros = 0;
    for await (const chunk of stream) for (const byte of chunk as Buffer) if (byte === 0) zeros += 1;
    expect(zeros).toBe(20_000_000);
    expect(readdirSync(directory)).toContain('done');
  });

  test('takes input faster than the program reads it', async () => {
    const { stream, text } = await open();
    stream.write('stty raw -echo; echo ready; head -c 1000000 | md5sum; stty sane; exit\n');
    await until(() => text().includes('ready\n'));
    const input = Buffer.alloc(1_000_000, 'a');
    stream.write(input);
    await until(() => stream.readableEnded);
    // printf 'a%.0s' {1..1000000} | md5sum
    expect(text()).toContain('7707d6ae4e027c70eea2a935c2296f21');
  });
});
