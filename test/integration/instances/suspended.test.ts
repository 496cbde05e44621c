// SPDX-License-Identifier: MIT
// An instance whose memory is put away: its guest goes on where it was, or its disk does.
import { execFile } from 'node:child_process';
import { access, link, open, readFile, rm, stat, symlink, truncate, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { InstanceDetails } from '#contract/instances.ts';
import { instanceName } from '#contract/names.ts';
import { runBerth } from '../../cli/run-berth.ts';
import { expectSuccess } from '../../support/expect-success.ts';
import { startHelper, type HelperProcess } from '../../support/helper-process.ts';
import { hostTraces } from '../../support/host-traces.ts';
import { InstanceClient } from '../../support/instance-client.ts';
import { MountClient } from '../../support/mount-client.ts';
import type { InstanceRecord } from '../../../native-helper/store/instance-record.ts';
import { SharedFolder } from '../../support/shared-folder.ts';

const run = promisify(execFile);
const bootMs = 400_000;
let helper: HelperProcess;
let client: InstanceClient;
let mounts: MountClient;
let folder: SharedFolder;
let other: SharedFolder;

beforeAll(async () => {
  helper = await startHelper();
  await connect();
  expectSuccess(await client.launch('one'));
  folder = await SharedFolder.create();
  other = await SharedFolder.create();
  await writeFile(folder.in('word'), 'by virtiofs');
  await writeFile(other.in('word'), 'by sshfs');
  expect(await mounts.add('one', folder.path, { target: 'first', type: 'virtiofs' })).toMatchObject({
    state: 'connected',
  });
  expect(await mounts.add('one', other.path, { target: 'second', type: 'sshfs' })).toMatchObject({
    state: 'connected',
  });
}, bootMs);
afterAll(async () => {
  await helper?.stop();
  await folder?.[Symbol.asyncDispose]();
  await other?.[Symbol.asyncDispose]();
}, bootMs);

const one = instanceName.parse('one');
const berth = async (...args: string[]) => await runBerth(helper.runDirectory, args);
const sh = (line: string): ReturnType<InstanceClient['exec']> => client.exec('one', 'sudo', 'sh', '-c', line);
const file = (name: string): string => path.join(helper.stateDirectory, 'instances/one', name);
const isThere = async (name: string): Promise<boolean> =>
  await access(file(name)).then(
    () => true,
    () => false,
  );

async function connect(): Promise<void> {
  const connection = await helper.connect();
  client = new InstanceClient(connection);
  mounts = new MountClient(connection);
}

async function seen(): Promise<InstanceDetails> {
  return await client.connection.request('instances.info', { name: one });
}

/** What a boot would end: a file in memory, and a program that counts, by its process. */
async function begin(): Promise<string> {
  const line =
    'echo kept > /run/kept; (n=0; while :; do n=$((n+1)); echo $n > /run/count; sleep 0.2; done) > /dev/null 2>&1 < /dev/null & echo $!';
  const { stdout } = await sh(line);
  return stdout.trim();
}

async function count(): Promise<number> {
  return Number((await sh('cat /run/count')).stdout);
}

/** The guest that was there before: the same file, the same program, which goes on. */
async function expectSameGuest(counter: string, before: number): Promise<void> {
  expect(await sh(`cat /run/kept; kill -0 ${counter} && echo alive`)).toMatchObject({ stdout: 'kept\nalive\n' });
  expect(await count()).toBeGreaterThanOrEqual(before);
  await expect.poll(count, { timeout: 30_000 }).toBeGreaterThan(before);
}

/** Seconds that the guest's clock is off, at least. */
async function clockIsOff(): Promise<number> {
  const before = Date.now() / 1000;
  const now = Number((await client.exec('one', 'date', '-u', '+%s')).stdout);
  return Math.max(before - 1 - now, now - Date.now() / 1000, 0);
}

async function foldersAreThere(): Promise<void> {
  await mounts.until('one', (all) => all.length === 2 && all.every(({ state }) => state === 'connected'));
  expect((await sh('cat /home/berth/first/word /home/berth/second/word')).stdout).toBe('by virtiofsby sshfs');
}

test.each(['first', 'second'])(
  'a program that uses the folder %s keeps it from going away, and goes on writing there',
  async (name) => {
    const line = `cd /home/berth/${name} && (while :; do date; sleep 0.2; done) > log 2>&1 < /dev/null & echo $!`;
    const writer = (await sh(line)).stdout.trim();
    expect(await berth('suspend', 'one')).toMatchObject({
      exitCode: 5,
      stderr: expect.stringMatching(
        new RegExp(`process \\d+ in it uses the shared folder /home/berth/${name}\\. \\[instance\\.not-suspendable`),
      ) as string,
    });
    expect(await seen()).toMatchObject({ state: 'running' });
    const log = (name === 'first' ? folder : other).in('log');
    const written = async (): Promise<number> => (await stat(log)).size;
    const before = await written();
    await expect.poll(written, { timeout: 30_000 }).toBeGreaterThan(before);
    await sh(`kill ${writer}; rm /home/berth/${name}/log`);
  },
  bootMs,
);

let counter: string;
let counted: number;

test(
  'its memory is on the disk, root alone may read it, and nothing of it runs',
  async () => {
    counter = await begin();
    await expect.poll(count, { timeout: 30_000 }).toBeGreaterThan(2);
    counted = await count();
    // for its next boot, of which going on is none
    await client.connection.request('instances.set', { name: one, cpus: 2 });
    await client.connection.request('instances.set-security', { name: one, usesHugepages: true });
    expect(await berth('suspend', 'one')).toMatchObject({ exitCode: 0 });
    expect(await hostTraces(helper)).toMatchObject({ machines: [], taps: [], machineDirectories: [], journal: [] });
    const { size, mode, uid } = await stat(file('memory'));
    expect([mode & 0o777, uid]).toEqual([0o600, 0]);
    expect(await isThere('memory.part')).toBe(false);
    expect(await seen()).toMatchObject({ state: 'suspended', suspended: { memoryBytes: size } });
    expect((await berth('list')).stdout.toString()).toMatch(/one +suspended /);
    expect((await berth('info', 'one')).stdout.toString()).toMatch(
      /Suspended:\s+since .*, [\d.]+ MiB of memory on disk/,
    );
    expect((await berth('suspend', 'one')).stderr).toContain('one is already suspended.');
  },
  bootMs,
);

test('sizes that are set wait for its first start after a stop, and it is said so', async () => {
  expect(await seen()).toMatchObject({ cpus: 1, atNextStart: { cpus: 2 } });
  expect((await berth('info', 'one')).stdout.toString()).toMatch(/CPUs:\s+1; 2 from the next start after a stop/);
  expect((await berth('get', 'one')).stdout.toString()).toMatch(/cpus\s+2 \(now 1\)\s+next start after a stop/);
  expect((await berth('set', 'one', 'cpus=3')).stderr).toContain('cpus: from the next start of one after a stop.');
  expect((await berth('set', 'one', 'cpus=2')).exitCode).toBe(0);
});

test('what would change it or lose its memory is refused, with the way out', async () => {
  expect(await berth('stop', 'one')).toMatchObject({
    exitCode: 5,
    stderr: expect.stringContaining('berth stop --force one') as string,
  });
  expect((await berth('stop', '--all')).stderr).toContain('Nothing to stop.');
  expect(await berth('restart', 'one')).toMatchObject({
    exitCode: 5,
    stderr: expect.stringContaining('stopped or suspended: berth start one') as string,
  });
  expect(await berth('set', 'one', 'disk=9G')).toMatchObject({
    exitCode: 5,
    stderr: expect.stringMatching(/berth start one .* berth stop --force one/) as string,
  });
  expect(await berth('wait', 'one', '--for', 'stopped')).toMatchObject({ exitCode: 0 });
  const { connection } = client;
  for (const asked of [
    connection.request('instances.set-security', { name: one, usesHugepages: true }),
    connection.request('instances.grant', { name: one, path: folder.in('word'), mode: 'r' }),
  ])
    await expect(asked).rejects.toMatchObject({ data: { code: 'instance.suspended' } });
  expect(
    await connection.request('instances.set-security', { name: one, isAllowedWithoutAppArmor: true }),
  ).toBeDefined();
  await expect(connection.request('instances.restart', { name: one })).rejects.toMatchObject({
    data: { code: 'instance.wrong-state' },
  });
  expect(await client.state('one')).toBe('suspended');
});

test(
  'another helper goes on with it: the same programs, the folders, the right time, and no memory is left',
  async () => {
    await helper.kill9();
    await helper.restart();
    await connect();
    expect(await client.state('one')).toBe('suspended');
    const { boots = [] } = await seen();
    expect(await berth('start', 'one')).toMatchObject({ exitCode: 0 });
    expect(await isThere('memory')).toBe(false);
    expect(await seen()).toMatchObject({ state: 'running', boots: [{ number: boots.length }] });
    expect(await seen()).not.toHaveProperty('suspended');
    expect(await clockIsOff()).toBeLessThanOrEqual(2);
    await expectSameGuest(counter, counted);
    expect((await sh('nproc')).stdout).toBe('1\n');
    await client.connection.request('instances.set-security', { name: one, usesHugepages: false });
    await foldersAreThere();
  },
  bootMs,
);

async function expectStillThere(error: unknown, expected: object): Promise<void> {
  expect(error).toMatchObject(expected);
  expect(await seen()).toMatchObject({ state: 'running' });
  expect(await seen()).not.toHaveProperty('suspended');
  expect([await isThere('memory'), await isThere('memory.part')]).toEqual([false, false]);
  await expectSameGuest(counter, counted);
}

/** Nothing can be put in the record's place meanwhile. */
async function withLockedRecord<Answer>(work: () => Promise<Answer>): Promise<Answer> {
  const record = file('instance.json');
  await run('mount', ['--bind', record, record]);
  try {
    return await work();
  } finally {
    await run('umount', [record]);
  }
}

test(
  'a suspend that fails lets its guest go on: of QEMU that writes without end, and over a record that cannot be written',
  async () => {
    const operation = client.run('instances.suspend', 'one');
    await expect.poll(async () => await isThere('memory.part'), { interval: 1, timeout: 60_000 }).toBe(true);
    await truncate(file('memory.part'), 2 ** 42); // as QEMU could, which has it open
    await expectStillThere((await operation).error, { code: 'instance.not-suspendable' });
    const { error } = await withLockedRecord(async () => await client.run('instances.suspend', 'one'));
    const undone: unknown = expect.arrayContaining([expect.stringMatching(/^undo: /)]);
    await expectStillThere(error, { code: 'storage.failed', causes: undone });
    await foldersAreThere();
  },
  bootMs,
);

/** Suspends it anew, with a guest that is known again. */
async function suspendAgain(): Promise<void> {
  counted = await count();
  expectSuccess(await client.run('instances.suspend', 'one'));
}

test(
  'one that is paused is suspended too',
  async () => {
    expectSuccess(await client.run('instances.pause', 'one'));
    expectSuccess(await client.run('instances.suspend', 'one'));
    expect(await client.state('one')).toBe('suspended');
  },
  bootMs,
);

/** Turns over a bit of a file. */
async function flipAt(name: string, position: number): Promise<void> {
  await using handle = await open(file(name), 'r+');
  const { buffer } = await handle.read(Buffer.alloc(1), 0, 1, position);
  await handle.write(Buffer.from([(buffer[0] ?? 0) ^ 1]), 0, 1, position);
}

async function expectRefused(code: string): Promise<void> {
  expect((await client.run('instances.start', 'one')).error).toMatchObject({ code });
  expect(await seen()).toMatchObject({ state: 'suspended', lastError: { code } });
  expect((await hostTraces(helper)).machines).toEqual([]);
}

test(
  'memory that is not what was saved is refused before QEMU sees it',
  async () => {
    const saved = await readFile(file('memory'));
    for (const position of [0, Math.floor(saved.length / 2), saved.length - 1]) {
      await flipAt('memory', position);
      await expectRefused('memory.damaged');
      await flipAt('memory', position);
    }
    for (const length of [saved.length - 1, 0]) {
      await truncate(file('memory'), length);
      await expectRefused('memory.damaged');
    }
    const other = file('other');
    const forms = [
      async () => await run('mkfifo', [file('memory')]),
      async () => await symlink(other, file('memory')),
      async () => await link(other, file('memory')),
      async () => await writeFile(file('memory'), saved, { mode: 0o644 }),
    ];
    await writeFile(other, saved, { mode: 0o600 });
    for (const make of forms) {
      await rm(file('memory'));
      await make();
      await expectRefused('memory.damaged');
    }
    await rm(other);
    await rm(file('memory'));
    await expectRefused('memory.damaged');
    const { stderr } = await berth('start', 'one');
    expect(stderr).toContain('its file is missing');
    expect(stderr).toContain('berth start --cold one');
    await writeFile(file('memory'), saved, { mode: 0o600 });
  },
  bootMs,
);

type Suspended = NonNullable<InstanceRecord['suspended']>;
const changes: readonly (readonly [what: string, code: string, change: (suspended: Suspended) => unknown])[] = [
  [
    'QEMU',
    'memory.machine-differs',
    ({ spec }) => ({ spec: { ...spec, stamp: { ...spec.stamp, qemuVersion: '7.1.0' } } }),
  ],
  [
    'the machine type',
    'memory.machine-differs',
    ({ spec }) => ({ spec: { ...spec, stamp: { ...spec.stamp, machineType: 'pc-q35-7.1' } } }),
  ],
  [
    'the CPU model',
    'memory.machine-differs',
    ({ spec }) => ({ spec: { ...spec, stamp: { ...spec.stamp, cpuModel: 'max' } } }),
  ],
  ['the processor', 'memory.machine-differs', () => ({ processor: 'another' })],
  ['the acceleration', 'memory.machine-differs', ({ spec }) => ({ spec: { ...spec, accelerator: 'kvm' } })],
  ['CPUs', 'memory.devices-differ', ({ spec }) => ({ spec: { ...spec, cpus: 2, maxCpus: 2 } })],
  ['memory', 'memory.devices-differ', ({ spec }) => ({ spec: { ...spec, memoryBytes: spec.memoryBytes * 2 } })],
  [
    'the disk size',
    'memory.machine-differs',
    ({ spec }) => ({ spec: { ...spec, disks: spec.disks.map((disk) => ({ ...disk, bytes: 2 ** 31 })) } }),
  ],
  [
    'MAC',
    'memory.machine-differs',
    ({ spec }) => ({ spec: { ...spec, nics: spec.nics.map((nic) => ({ ...nic, mac: '52:54:00:00:00:01' })) } }),
  ],
  [
    'UUID',
    'memory.machine-differs',
    ({ spec }) => ({ spec: { ...spec, uuid: '11111111-2222-4333-8444-555555555555' } }),
  ],
  [
    'a place',
    'memory.devices-differ',
    ({ spec }) => ({
      spec: { ...spec, nics: spec.nics.map((nic) => ({ ...nic, place: { ...nic.place, slot: 20 } })) },
    }),
  ],
  ['slots', 'memory.devices-differ', ({ spec }) => ({ spec: { ...spec, shareSlots: 2 } })],
  ['the layout', 'memory.devices-differ', () => ({ layout: 'f'.repeat(64) })],
  [
    'the length of the disk',
    'memory.disk-changed',
    ({ files }) => ({ files: files.map((each) => ({ ...each, bytes: '1' })) }),
  ],
  [
    'the inode of the disk',
    'memory.disk-changed',
    ({ files }) => ({ files: files.map((each) => ({ ...each, inode: '1' })) }),
  ],
  ['the seed', 'memory.disk-changed', ({ files }) => ({ files: files.filter(({ id }) => id !== 'seed') })],
];

let whole: Suspended | undefined;

/** Changes the record as it is on the disk, between two helpers. */
async function withRecord(change: (record: InstanceRecord) => object): Promise<void> {
  await helper.kill9();
  const record = JSON.parse(await readFile(file('instance.json'), 'utf8')) as InstanceRecord;
  await writeFile(file('instance.json'), JSON.stringify({ ...record, ...change(record) }));
  await helper.restart();
  await connect();
}

test(
  'every part of what it is bound to is refused by name when it differs, and its disk stays as it was',
  async () => {
    const { mtimeNs, ctimeNs } = await stat(file('disk.qcow2'), { bigint: true });
    for (const [what, code, change] of changes) {
      await withRecord(({ suspended }) => {
        whole ??= suspended;
        return { suspended: { ...whole, ...(change(whole!) as object) } };
      });
      const { error } = await client.run('instances.start', 'one');
      expect([what, error?.code]).toEqual([what, code]);
      expect([what, await client.state('one')]).toEqual([what, 'suspended']);
    }
    const after = await stat(file('disk.qcow2'), { bigint: true });
    expect([after.mtimeNs, after.ctimeNs]).toEqual([mtimeNs, ctimeNs]);
    await withRecord(() => ({ suspended: whole }));
    expectSuccess(await client.run('instances.start', 'one'));
    expect(await seen()).not.toHaveProperty('lastError');
    await expectSameGuest(counter, counted);
    await foldersAreThere();
  },
  bootMs,
);

test(
  'over a disk that was touched it does not go on; without its memory it boots from that disk',
  async () => {
    expect(await sh('echo written > /home/berth/written')).toMatchObject({ exitCode: 0 });
    await suspendAgain();
    await utimes(file('disk.qcow2'), new Date(), new Date());
    await expectRefused('memory.disk-changed');
    expect(await berth('start', '--cold', 'one')).toMatchObject({ exitCode: 0 });
    expect(await isThere('memory')).toBe(false);
    expect((await sh('cat /home/berth/written; cat /run/kept')).stdout).toBe('written\n');
    expect((await seen()).boots).toHaveLength(2);
    await foldersAreThere();
    // as a helper leaves it that knows of no saved memory
    await withRecord(() => ({ suspended: whole }));
    expect(await client.state('one')).toBe('running');
    expect(await seen()).not.toHaveProperty('suspended');
    expect((await sh('cat /home/berth/written')).stdout).toBe('written\n');
  },
  bootMs,
);

test(
  'a forced stop discards its memory; a delete keeps it, and a purge takes it',
  async () => {
    counter = await begin();
    expectSuccess(await client.run('instances.suspend', 'one'));
    expect(await berth('stop', '--force', 'one')).toMatchObject({ exitCode: 0 });
    expect([await client.state('one'), await isThere('memory')]).toEqual(['stopped', false]);
    expectSuccess(await client.run('instances.start', 'one'));
    counter = await begin();
    await suspendAgain();
    expectSuccess(await client.run('instances.delete', 'one'));
    expect(await client.state('one')).toBe('deleted');
    expectSuccess(await client.run('instances.recover', 'one'));
    expect(await client.state('one')).toBe('suspended');
    expectSuccess(await client.run('instances.start', 'one'));
    await expectSameGuest(counter, 0);
    await suspendAgain();
    expectSuccess(await client.run('instances.delete', 'one'));
    expectSuccess(await client.run('instances.purge', 'one'));
    expect((await hostTraces(helper)).instanceDirectories).toEqual([]);
  },
  bootMs,
);
