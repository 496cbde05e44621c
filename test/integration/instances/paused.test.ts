// SPDX-License-Identifier: MIT
// A disk of the host that is full, and one that fails, under a machine that runs.
import { execFile } from 'node:child_process';
import { mkdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { InstanceSummary } from '#contract/instances.ts';
import { runBerth } from '../../cli/run-berth.ts';
import { expectSuccess } from '../../support/expect-success.ts';
import { startHelper, type HelperProcess } from '../../support/helper-process.ts';
import { hostTraces } from '../../support/host-traces.ts';
import { InstanceClient } from '../../support/instance-client.ts';

const run = promisify(execFile);
const bootMs = 400_000;
const pausesWithinMs = 120_000;
let helper: HelperProcess;
let client: InstanceClient;

/** The state on a disk of its own. */
beforeAll(async () => {
  helper = await startHelper({
    prepare: async (state) => {
      await mkdir(state);
      await run('mount', ['-t', 'tmpfs', '-o', 'size=600m,mode=0711', 'tmpfs', state]);
      return async () => await run('umount', ['--lazy', state]);
    },
  });
  client = new InstanceClient(await helper.connect());
  expectSuccess(await client.launch('one'));
}, bootMs);
afterAll(async () => {
  await makeRoom();
  await helper?.stop();
}, bootMs);

const filling = (): string => path.join(helper.stateDirectory, 'filling');
const makeRoom = async (): Promise<void> => await rm(filling(), { force: true });
const berth = async (...args: string[]) => await runBerth(helper.runDirectory, args);

/** The disk is filled to the last byte while the guest writes more than the room that there was. */
async function pauseByFullDisk(file: string): Promise<void> {
  await run('sh', [
    '-c',
    'dd if=/dev/zero bs=64k >> "$1" 2>/dev/null; dd if=/dev/zero bs=1 count=8192 >> "$1" 2>/dev/null; true',
    'sh',
    filling(),
  ]);
  await write(file);
  await expect
    .poll(seen, { timeout: pausesWithinMs })
    .toMatchObject({ state: 'paused', pause: { reason: 'no-space' } });
}

/** Begins to write 24 MiB that no disk has had before, down to the disk, in the background; after so many seconds. */
async function write(file: string, afterSeconds = 0): Promise<void> {
  const command = `(sleep ${afterSeconds}; dd if=/dev/urandom of=${file} bs=1M count=24; sync; sha256sum ${file} > ${file}.sum; sync) > /dev/null 2>&1 < /dev/null &`;
  expect(await client.exec('one', 'sh', '-c', command)).toMatchObject({ exitCode: 0 });
}

async function seen(): Promise<InstanceSummary | undefined> {
  return (await client.connection.request('instances.list', {})).find(({ name }) => name === 'one');
}

test('a machine whose disk has no room is paused, and everything says so', async () => {
  await pauseByFullDisk('a');
  expect((await berth('list')).stdout.toString()).toContain('paused: no space left on this computer');
  expect((await berth('info', 'one')).stdout.toString()).toMatch(
    /Paused:\s+no space left on this computer, since [^]*continues within half a minute/,
  );
  const [columns = '', row = ''] = (await berth('list', '--format', 'csv')).stdout.toString().split('\r\n');
  expect(row.split(',')).toMatchObject({ 0: 'one', 1: 'paused', [columns.split(',').indexOf('pause')]: 'no-space' });
  expect(await berth('exec', 'one', '--', 'true')).toMatchObject({
    exitCode: 255,
    stderr: expect.stringContaining('instance.paused') as string,
  });
  expect(await berth('start', 'one')).toMatchObject({
    stderr: expect.stringMatching(/instance\.paused|storage\.disk-full/) as string,
  });
  expect(await seen()).toMatchObject({ state: 'paused', pause: { reason: 'no-space' } });
});

test(
  'a helper that is started meanwhile finds it paused, and it goes on by itself when there is room, with nothing lost',
  async () => {
    const { machines } = await hostTraces(helper);
    await helper.kill9();
    await helper.restart();
    client = new InstanceClient(await helper.connect());
    expect(await seen()).toMatchObject({ state: 'paused', pause: { reason: 'no-space' } });
    await makeRoom();
    await expect.poll(() => client.state('one'), { timeout: 90_000 }).toBe('running');
    expect((await hostTraces(helper)).machines).toEqual(machines);
    await expect
      .poll(async () => (await client.exec('one', 'sha256sum', '-c', 'a.sum')).exitCode, { timeout: 90_000 })
      .toBe(0);
    expect(await seen()).not.toHaveProperty('pause');
  },
  bootMs,
);

test(
  'a stop of one that stands ends it in its time, and it starts again',
  async () => {
    await pauseByFullDisk('b');
    expectSuccess(await client.run('instances.stop', 'one', { timeoutSeconds: 15 }));
    expect(await client.state('one')).toBe('stopped');
    await makeRoom();
    expectSuccess(await client.run('instances.start', 'one'));
    expect(await client.exec('one', 'sha256sum', '-c', 'a.sum')).toMatchObject({ exitCode: 0 });
  },
  bootMs,
);

test(
  'a machine whose disk fails is paused, is tried anew by a start, and can be stopped',
  async () => {
    expectSuccess(await client.run('instances.stop', 'one'));
    const disk = path.join(helper.stateDirectory, 'instances', 'one', 'disk.qcow2');
    const served = await serveOver(disk);
    try {
      expectSuccess(await client.run('instances.start', 'one'));
      await write('d', 2); // asked for while the guest can still read what it takes
      process.kill(served, 'SIGKILL'); // from here on the kernel answers for it, with errors
      await expect
        .poll(seen, { timeout: pausesWithinMs })
        .toMatchObject({ state: 'paused', pause: { reason: 'disk-failed' } });
      expect((await berth('list')).stdout.toString()).toContain('paused: its disk cannot be read or written');
      expect((await client.run('instances.start', 'one')).error).toMatchObject({ code: 'instance.paused' });
      expectSuccess(await client.run('instances.stop', 'one', { timeoutSeconds: 15 }));
    } finally {
      await run('umount', ['--lazy', disk]);
    }
    expectSuccess(await client.run('instances.start', 'one'));
  },
  bootMs,
);

test(
  'a delete of one that stands brings it to the bin',
  async () => {
    await pauseByFullDisk('c');
    expectSuccess(await client.run('instances.delete', 'one'));
    expect(await client.state('one')).toBe('deleted');
    await makeRoom();
  },
  bootMs,
);

/** The same file, by a program that answers for it. Returns its process. */
async function serveOver(file: string): Promise<number> {
  const pidFile = path.join(helper.stateDirectory, 'served.pid');
  await run('qemu-storage-daemon', [
    '--daemonize',
    '--pidfile',
    pidFile,
    '--blockdev',
    `node-name=file,driver=file,filename=${file},locking=off`,
    '--blockdev',
    'node-name=disk,driver=raw,file=file',
    '--export',
    `type=fuse,id=disk,node-name=disk,mountpoint=${file},writable=on,growable=on,allow-other=on`,
  ]);
  return Number(await readFile(pidFile, 'utf8'));
}
