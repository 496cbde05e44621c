// SPDX-License-Identifier: MIT
import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { SettingChanges } from '#contract/instance-settings.ts';
import { instanceName } from '#contract/names.ts';
import { gibibyte, mebibyte } from '#contract/units.ts';
import { say } from '#messages/say.ts';
import { subscribe } from '../../../client/subscribe.ts';
import { expectSuccess } from '../../support/expect-success.ts';
import { startHelper, type HelperProcess } from '../../support/helper-process.ts';
import { InstanceClient } from '../../support/instance-client.ts';

const execute = promisify(execFile);
const name = instanceName.parse('shaped');
let helper: HelperProcess;
let client: InstanceClient;

beforeAll(async () => {
  helper = await startHelper();
  client = new InstanceClient(await helper.connect());
  expectSuccess(await client.launch(name));
});
afterAll(async () => await helper?.stop());

const set = async (changes: SettingChanges) => await client.connection.request('instances.set', { name, ...changes });
const info = async () => await client.connection.request('instances.info', { name });
const inGuest = async (...command: string[]): Promise<string> => (await client.exec(name, ...command)).stdout.trim();
const file = (each: string): string => path.join(helper.stateDirectory, 'instances', name, each);
const stored = async () => JSON.parse(await readFile(file('instance.json'), 'utf8')) as Record<string, unknown>;
const codeOf = async (asked: Promise<unknown>): Promise<string> =>
  await asked.then(
    () => 'done',
    (error: unknown) => (error as { code: string }).code,
  );

async function virtualBytes(): Promise<number> {
  const { stdout } = await execute('qemu-img', ['info', '--output=json', '--force-share', file('disk.qcow2')]);
  return (JSON.parse(stdout) as { 'virtual-size': number })['virtual-size'];
}

test('CPUs and memory of one that runs come at its next start, and it says what it has until then', async () => {
  const { instance, changed } = await set({ cpus: 2, memoryBytes: 384 * mebibyte });
  expect(changed).toEqual([
    { setting: 'cpus', takes: 'next-start' },
    { setting: 'memoryBytes', takes: 'next-start' },
  ]);
  expect(instance).toMatchObject({
    cpus: 1,
    memoryBytes: 256 * mebibyte,
    atNextStart: { cpus: 2, memoryBytes: 384 * mebibyte },
  });
  expect(await inGuest('nproc')).toBe('1');
  const before = (await stored())['places'];
  expectSuccess(await client.run('instances.restart', name));
  expect(await inGuest('nproc')).toBe('2');
  const [kibibytes] = /\d+/.exec(await inGuest('grep', 'MemTotal', '/proc/meminfo')) ?? [];
  expect(Number(kibibytes) * 1024).toBeGreaterThan(300 * mebibyte);
  expect(await info()).toMatchObject({ cpus: 2, memoryBytes: 384 * mebibyte });
  expect(await info()).not.toHaveProperty('atNextStart');
  expect((await stored())['places']).toEqual(before);
});

test('the disk of one that runs stays as it is, and so does everything that was asked for with it', async () => {
  expect(await codeOf(set({ diskBytes: 2 * gibibyte, description: 'never' }))).toBe('instance.stop-needed');
  expect(await virtualBytes()).toBe(gibibyte);
  expect(await info()).not.toHaveProperty('description');
});

test('a stopped one gets a larger disk, which the guest sees and fills, and never a smaller one', async () => {
  expectSuccess(await client.run('instances.stop', name));
  expect(await set({ diskBytes: 2 * gibibyte, cpus: 1 })).toMatchObject({
    instance: { diskBytes: 2 * gibibyte, cpus: 1 },
    changed: [
      { setting: 'cpus', takes: 'next-start' },
      { setting: 'diskBytes', takes: 'at-once' },
    ],
    diskGrowth: 'by-hand',
  });
  expect(await virtualBytes()).toBe(2 * gibibyte);
  expect(await codeOf(set({ diskBytes: gibibyte }))).toBe('instance.disk-too-small');
  expect(await stored()).toMatchObject({ diskBytes: 2 * gibibyte, cpus: 1 });
  expectSuccess(await client.run('instances.start', name));
  expect(await inGuest('cat', '/sys/class/block/vda/size')).toBe(String((2 * gibibyte) / 512));
  // what the answer of the command line says is left to do
  const command = say('setting.disk-grows.by-hand', { name }).split('there: ')[1] ?? '';
  expect(await client.exec(name, 'sh', '-c', command)).toMatchObject({ exitCode: 0 });
  const [, blocks = 0] = (await inGuest('df', '-k', '/')).split('\n').at(-1)?.split(/\s+/) ?? [];
  expect(Number(blocks) * 1024).toBeGreaterThan(1.8 * gibibyte);
});

test('values that no launch would take are refused, and nothing is changed by them', async () => {
  const before = await stored();
  for (const changes of [
    { cpus: 0 },
    { cpus: 65 },
    { memoryBytes: 1 },
    { diskBytes: 17 * 1024 * gibibyte },
    { description: 'two\nlines' },
    { description: 'its end \u202ebefore its beginning' },
    { description: 'with no\u200bwidth' },
    { description: 'half \ud800 a character' },
    { description: 'x'.repeat(501) },
    { tags: Array.from({ length: 50 }, (_, index) => `${index}${'t'.repeat(198)}`) },
    { tags: Array.from({ length: 51 }, (_, index) => `t${index}`) },
    { tags: ['-a'] },
    { tags: ['a', 'a'] },
  ])
    expect(await codeOf(set(changes))).toBe('request.invalid');
  expect(await codeOf(set({ memoryBytes: 1024 * gibibyte }))).toBe('host.too-little-memory');
  expect(await stored()).toEqual(before);
  expect((await set({})).changed).toEqual([]);
  expect(await stored()).toEqual(before);
});

test('words are kept over a restart of the helper, and what is emptied is gone', async () => {
  const tags = Array.from({ length: 50 }, (_, index) => `${'t'.repeat(60)}.${index + 10}`);
  await set({ description: 'builds the release — “nightly”', tags, isProtected: true });
  await helper.terminate();
  await helper.restart();
  client = new InstanceClient(await helper.connect());
  const [listed] = await client.connection.request('instances.list', {});
  expect(listed).toMatchObject({ description: 'builds the release — “nightly”', tags, isProtected: true });
  await set({ description: '', tags: [] });
  expect(await info()).not.toHaveProperty('tags');
  expect(await stored()).not.toHaveProperty('description');
});

test('what is protected is neither deleted nor purged until the protection is taken off', async () => {
  expect(await codeOf(client.run('instances.delete', name))).toBe('instance.protected');
  expect(await client.state(name)).toBe('running');
  await set({ isProtected: false });
  expectSuccess(await client.run('instances.delete', name));
  await set({ isProtected: true });
  expect(await codeOf(client.run('instances.purge', name))).toBe('instance.protected');
  expect(await codeOf(set({ diskBytes: 3 * gibibyte }))).toBe('instance.stop-needed');
  await set({ isProtected: false });
  expectSuccess(await client.run('instances.recover', name));
});

test('of protection and a removal that are asked for at once, one is done', async () => {
  const removed = async (verb: 'delete' | 'purge'): Promise<string> =>
    await client.run(`instances.${verb}`, name).then(
      ({ state, error }) => error?.code ?? state,
      (error: unknown) => (error as { code: string }).code,
    );
  const protect = async (): Promise<string> => await codeOf(set({ isProtected: true }));
  const oneOfBoth = [
    ['done', 'instance.protected'],
    ['operation.conflict', 'succeeded'],
  ];
  for (const isRemovalFirst of [false, true, false, true]) {
    const early = isRemovalFirst ? undefined : protect();
    const removal = removed('delete');
    const [kept, deleted] = await Promise.all([early ?? protect(), removal]);
    expect(oneOfBoth).toContainEqual([kept, deleted]);
    await set({ isProtected: false });
    if (deleted === 'succeeded') expectSuccess(await client.run('instances.recover', name));
  }
  expectSuccess(await client.run('instances.delete', name));
  expect(await Promise.all([protect(), removed('purge')])).toEqual(oneOfBoth[0]);
  await set({ isProtected: false });
  expectSuccess(await client.run('instances.recover', name));
});

test('what is set while a disk grows is refused, or stays', async () => {
  const other = await helper.connect();
  const seen = new Promise<string>((resolve) => {
    const stop = other.onEvent(({ body }) => {
      if (body.topic !== 'operation.changed' || body.operation.kind !== 'set') return;
      stop(); // its end is told too, and who sets then is not refused
      resolve(codeOf(other.request('instances.set', { name, description: 'meanwhile' })));
    });
  });
  await subscribe(other);
  await set({ diskBytes: 2560 * mebibyte, description: 'with the disk' });
  const outcome = await seen;
  other.close();
  expect(['done', 'operation.conflict']).toContain(outcome);
  expect((await info()).description).toBe(outcome === 'done' ? 'meanwhile' : 'with the disk');
});

test('a disk that had grown when the helper was killed is in the record with all that was set with it', async () => {
  for (const [suffix, size, words] of [
    ['a', 3, 'larger'],
    ['b', 3, 'noted before, and set anew since'],
    ['c', 4, 'never'],
  ] as const) {
    await helper.terminate();
    if (suffix === 'a') await execute('qemu-img', ['resize', '-q', file('disk.qcow2'), String(3 * gibibyte)]);
    const record = await stored();
    const id = `op-0123456789${suffix}`;
    const changes = { diskBytes: size * gibibyte, description: words };
    await writeFile(
      path.join(helper.stateDirectory, 'operations', `${id}.json`),
      JSON.stringify({
        schema: 1,
        id,
        kind: 'set',
        target: name,
        ownerUid: 0,
        actor: { uid: 0, gid: 0, pid: 1 },
        startedAt: new Date().toISOString(),
        isPastReturn: true,
        data: { id: record['id'], changes },
        notes: [],
      }),
    );
    await helper.restart();
    client = new InstanceClient(await helper.connect());
    expect(await info()).toMatchObject({ diskBytes: 3 * gibibyte, description: 'larger' });
    expect((await info()).lastError?.code).toBe(suffix === 'c' ? 'operation.interrupted' : undefined);
    expect(await virtualBytes()).toBe(3 * gibibyte);
  }
  expectSuccess(await client.run('instances.start', name));
  expect(await inGuest('cat', '/sys/class/block/vda/size')).toBe(String((3 * gibibyte) / 512));
});
