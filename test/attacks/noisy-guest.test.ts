// SPDX-License-Identifier: MIT
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { duplexPair } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { ConsoleRecord } from '../../native-helper/console/console-record.ts';
import { streamConsole } from '../../native-helper/console/console-stream.ts';
import type { Files } from '../../native-helper/store/files.ts';

const measuredMs = 2_000;

let directory: string;
let record: ConsoleRecord;
let log: string;
let guest: ChildProcess | undefined;

beforeEach(async () => {
  directory = await mkdtemp(path.join(os.tmpdir(), 'berth-noisy-'));
  log = path.join(directory, 'console.log');
  const files = {
    consoleLog: () => log,
    consoleIndex: () => path.join(directory, 'console.json'),
  } as unknown as ReturnType<Files['instance']>;
  await writeFile(log, '');
  record = new ConsoleRecord(1, files, { log: pino({ level: 'silent' }) });
  await record.load();
});
afterEach(async () => {
  guest?.kill('SIGKILL');
  await record.release();
  await rm(directory, { recursive: true });
});

/** Appends to the log as QEMU does: one write for each byte, without end. */
function printEndlessly(bytesPerWrite = 1): void {
  guest = spawn(
    'perl',
    ['-e', 'open(my $f, ">>", $ARGV[0]); my $b = "x" x $ARGV[1]; syswrite($f, $b) while 1', log, String(bytesPerWrite)],
    { stdio: 'ignore' },
  );
}

it('a guest that prints a byte at a time, without end, costs next to nothing, with a reader and without', async () => {
  let looks = 0;
  record.on('grown', () => {
    looks += 1;
  });
  record.follow();
  const [client, reader] = duplexPair();
  let read = 0;
  reader.on('data', (chunk: Buffer) => {
    read += chunk.length;
  });
  const streamed = streamConsole(record, client, 0);
  printEndlessly();
  while ((await stat(log)).size < 1000) await delay(20);
  const [sizeBefore, looksBefore, cpuBefore, startMs] = [
    (await stat(log)).size,
    looks,
    process.cpuUsage(),
    performance.now(),
  ];
  await delay(measuredMs);
  const { user, system } = process.cpuUsage(cpuBefore);
  const elapsedMs = performance.now() - startMs;
  const printed = (await stat(log)).size - sizeBefore;
  expect(printed).toBeGreaterThan(10_000);
  expect((looks - looksBefore) / (elapsedMs / 1000)).toBeLessThanOrEqual(21);
  expect((user + system) / 1000 / elapsedMs).toBeLessThan(0.05 + testsOwnShare);
  expect(read).toBeGreaterThan(printed / 2);
  client.destroy();
  await streamed;
});

it('what prints as fast as the disk takes it costs less than half of what it costs the guest', async () => {
  record.follow();
  printEndlessly(16 * 1024);
  while ((await stat(log)).size < 1000) await delay(20);
  const [cpuBefore, startMs] = [process.cpuUsage(), performance.now()];
  await delay(1_000);
  guest?.kill('SIGKILL');
  const { user, system } = process.cpuUsage(cpuBefore);
  // the kernel's work of giving the medium back counts as ours
  expect((user + system) / 1000 / (performance.now() - startMs)).toBeLessThan(0.5);
});

it('the first byte after a pause is passed on at once, and none is lost', async () => {
  const seen: Buffer[] = [];
  record.on('text', (chunk) => seen.push(chunk));
  record.follow();
  for (const text of ['login: ', 'Kernel panic', '.']) {
    const grown = once(record, 'grown', { signal: AbortSignal.timeout(10_000) });
    await writeFile(log, text, { flag: 'a' });
    await grown;
  }
  expect(Buffer.concat(seen).toString()).toBe('login: Kernel panic.');
});

/** What the test runner itself may take of a core meanwhile. */
const testsOwnShare = 0.05;
