// SPDX-License-Identifier: MIT
import { once } from 'node:events';
import { mkdtemp, chmod, mkdir, readdir, readFile, rm, stat } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import type { Duplex } from 'node:stream';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { mebibyte } from '#contract/units.ts';
import type { InstanceName } from '#contract/names.ts';
import type { HelperConnection } from '../../client/helper-connection.ts';
import { startHelper, type HelperProcess } from '../support/helper-process.ts';
import { inPlaceOfQemu } from '../support/taken-over-machine.ts';

const instances = ['linker', 'accomplice', 'liar', 'hoarder'] as const;

let directory: string;
let victim: Server;
let connections = 0;
let helper: HelperProcess;
let client: HelperConnection;

beforeAll(async () => {
  directory = await mkdtemp(path.join(os.tmpdir(), 'berth-attack-'));
  await chmod(directory, 0o755);
  const victimSocket = path.join(directory, 'root', 'victim.sock');
  await mkdir(path.dirname(victimSocket), { mode: 0o700 });
  victim = createServer((socket) => {
    connections += 1;
    socket.destroy();
  }).listen(victimSocket);
  await once(victim, 'listening');
  helper = await startHelper({ within: await inPlaceOfQemu(directory, victimSocket) });
  client = await helper.connect();
});
afterAll(async () => {
  await helper?.stop();
  victim?.close();
  await rm(directory, { recursive: true, force: true });
});

/** Begins a launch, which never ends: the machine has no guest. */
async function takenOver(name: (typeof instances)[number]): Promise<Console> {
  await client.request('instances.launch', {
    image: 'tiny',
    name: name as InstanceName,
    cpus: 1,
    memoryBytes: 256 * mebibyte,
    diskBytes: 1024 * mebibyte,
    isAllowedWithoutAppArmor: true,
  });
  await expect
    .poll(async () => (await client.request('instances.list', {})).find((each) => each.name === name)?.state, {
      timeout: 30_000,
    })
    .not.toBe(undefined);
  return await Console.open(name);
}

class Console {
  printed = '';
  readonly stream: Duplex;

  private constructor(stream: Duplex) {
    this.stream = stream;
    // of a machine that makes up the length of its record the newest will do
    stream.on('data', (chunk: Buffer) => {
      this.printed = (this.printed + chunk.toString('latin1')).slice(-1_000_000);
    });
  }

  static async open(name: string): Promise<Console> {
    const opened = async (): Promise<Console> => {
      const { token, isLive } = await client.request('console.open', { name: name as InstanceName });
      if (!isLive) throw new Error('no machine yet');
      return new Console(await client.openStream(token));
    };
    for (const until = performance.now() + 60_000; ;) {
      try {
        return await opened();
      } catch (error) {
        if (performance.now() > until) throw error;
        await new Promise((resolve) => {
          setTimeout(resolve, 100);
        });
      }
    }
  }

  async until(words: string): Promise<void> {
    await expect.poll(() => this.printed, { timeout: 90_000, interval: 200 }).toContain(words);
  }
}

test('what is put in place of its files and sockets leads root nowhere', async () => {
  const console = await takenOver('linker');
  await console.until('ready');
  console.stream.write('secret words\n');
  await expect
    .poll(() => connections > 0 || console.printed.includes('typed: secret words'), { timeout: 30_000 })
    .toBe(true);
  expect(connections).toBe(0);
  const attempts = console.printed.split('\n').filter((line) => /: (?:done|refused)/.test(line));
  expect(attempts.length).toBeGreaterThan(8);
  expect(attempts.filter((line) => !line.includes('refused'))).toEqual([]);
  const record = await stat(path.join(helper.stateDirectory, 'instances/linker/console/boot-0001.log'));
  expect([record.uid, record.mode & 0o7777]).toEqual([0, 0o640]);
});

test('what is typed reaches the very process that was started, and nobody who listens in its place', async () => {
  const console = await takenOver('accomplice');
  await console.until('the accomplice listens');
  await console.until('ready');
  const ended = Promise.race(['end', 'close'].map((name) => once(console.stream, name)));
  console.stream.write('secret words\n');
  await ended;
  expect(console.printed).not.toContain('secret words');
  expect(await readFile(helper.logFile, 'utf8')).toContain('listens there, not the machine');
});

test('answers of any form and without end hold up nobody else, and fill nothing', async () => {
  const descriptors = async (): Promise<number> => (await readdir(`/proc/${helper.pid}/fd`)).length;
  const atRest = await descriptors();
  const console = await takenOver('liar');
  await console.until('it lies');
  expect(console.printed).toContain('descriptors passed: 500');
  expect(await descriptors()).toBeLessThan(atRest + 60);
  const [before, logBefore] = [await descriptors(), (await stat(helper.logFile)).size];
  const other = await helper.connect();
  const times: number[] = [];
  for (let count = 0; count < 200; count += 1) {
    const begunMs = performance.now();
    await other.request('instances.list', {});
    times.push(performance.now() - begunMs);
  }
  other.close();
  expect(times.toSorted((a, b) => a - b)[197]).toBeLessThan(500);
  expect(await descriptors()).toBeLessThan(before + 10);
  expect((await stat(helper.logFile)).size - logBefore).toBeLessThan(4 * mebibyte);
  const resident =
    Number(/^VmRSS:\s+(\d+) kB$/m.exec(await readFile(`/proc/${helper.pid}/status`, 'utf8'))?.[1]) * 1024;
  expect(resident).toBeLessThan(400 * mebibyte);
});

test('what it writes to its log and its record stays small, and none of its files grows without end', async () => {
  const console = await takenOver('hoarder');
  await console.until('a record of a terabyte: refused');
  const instance = path.join(helper.stateDirectory, 'instances/hoarder');
  const onMedium = async (file: string): Promise<number> => (await stat(path.join(instance, file))).blocks * 512;
  await expect
    .poll(async () => (await readFile(path.join(instance, 'qemu.log'))).length, { timeout: 60_000 })
    .toBeGreaterThan(30 * mebibyte);
  await expect.poll(() => onMedium('qemu.log'), { timeout: 60_000 }).toBeLessThan(2 * mebibyte);
  await expect
    .poll(
      async () => [
        (await stat(path.join(instance, 'console/boot-0001.log'))).size > 8 * 1024 * mebibyte,
        (await onMedium('console/boot-0001.log')) < 80 * mebibyte,
      ],
      { timeout: 60_000 },
    )
    .toEqual([true, true]);
}, 400_000);
