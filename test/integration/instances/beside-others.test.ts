// SPDX-License-Identifier: MIT
// What is one instance's or one helper's, beside others that look like it.
import { execFile } from 'node:child_process';
import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { InstanceSummary } from '#contract/instances.ts';
import { expectSuccess } from '../../support/expect-success.ts';
import { startHelper, type HelperProcess } from '../../support/helper-process.ts';
import { hostTraces } from '../../support/host-traces.ts';
import { InstanceClient } from '../../support/instance-client.ts';

let helper: HelperProcess;
let client: InstanceClient;

beforeAll(async () => {
  helper = await startHelper();
  client = new InstanceClient(await helper.connect());
  expectSuccess(await client.launch('one'));
});
afterAll(async () => {
  await helper?.stop();
});

async function isWell(): Promise<void> {
  expect(await client.exec('one', 'echo', 'here')).toMatchObject({ stdout: 'here\n', exitCode: 0 });
  const { checks } = await client.connection.request('system.doctor', {});
  expect(checks.find(({ id }) => id === 'network')).toMatchObject({ state: 'good' });
  expect((await client.connection.request('instances.info', { name: 'one' as never })).networkFaults).toEqual([]);
}

const inInstances = (name: string): string => path.join(helper.stateDirectory, 'instances', name);

test('a copy of the directory of an instance is broken, and its purge takes nothing of the original', async () => {
  const given = path.join(helper.stateDirectory, '..', 'given');
  await writeFile(given, 'x', { mode: 0o600 });
  await client.connection.request('instances.grant', { name: 'one' as never, path: given, mode: 'r' });
  const access = async (): Promise<string> => (await promisify(execFile)('getfacl', ['-n', '-p', given])).stdout;
  const before = { traces: await hostTraces(helper), access: await access(), network: await networkState() };
  expect(before.access).toMatch(/^user:19\d+:r/m);
  await helper.kill9();
  await cp(inInstances('one'), inInstances('copied'), { recursive: true });
  await cp(inInstances('one'), inInstances('renamed'), { recursive: true });
  const record = await readFile(path.join(inInstances('renamed'), 'instance.json'), 'utf8');
  await writeFile(
    path.join(inInstances('renamed'), 'instance.json'),
    JSON.stringify({ ...(JSON.parse(record) as object), name: 'renamed' }),
  );
  await helper.restart();
  client = new InstanceClient(await helper.connect());
  const listed = await client.connection.request('instances.list', {});
  expect(listed.map(({ name, state, brokenReason }: InstanceSummary) => [name, state, brokenReason])).toEqual([
    ['copied', 'broken', expect.stringMatching(/is the record of one\./)],
    ['one', 'running', undefined],
    ['renamed', 'broken', 'The directory of renamed is a copy of that of one.'],
  ]);
  await isWell();
  for (const name of ['copied', 'renamed']) expectSuccess(await client.run('instances.purge', name));
  await isWell();
  expect({ traces: await hostTraces(helper), access: await access(), network: await networkState() }).toMatchObject({
    traces: { ...before.traces, journal: expect.any(Array) },
    access: before.access,
    network: before.network,
  });
  expect(await readdir(path.join(helper.stateDirectory, 'ledger')).catch(() => [])).toEqual([]);
});

/** Addresses that are reserved. */
async function networkState(): Promise<unknown> {
  const text = await readFile(path.join(helper.stateDirectory, 'network.json'), 'utf8');
  return (JSON.parse(text) as { reservations: unknown }).reservations;
}

test('a second helper in the same network leaves what the first one made, at its start, its launches and its end', async () => {
  const second = await startHelper();
  try {
    await isWell();
    const beside = new InstanceClient(await second.connect());
    expect(await beside.launch('two')).toMatchObject({
      state: 'failed',
      error: { code: 'network.bridge-conflict', params: { bridge: 'mpqemubr0' } },
    });
    const { checks } = await beside.connection.request('system.doctor', {});
    expect(checks.find(({ id }) => id === 'network')).toMatchObject({ state: 'missing', fix: expect.any(String) });
    await isWell();
  } finally {
    await second.stop();
  }
  await isWell();
});

test('with a bridge of its own, a second helper has guests beside those of the first', async () => {
  const second = await startHelper({ args: ['--bridge', 'berth-b2'] });
  try {
    const beside = new InstanceClient(await second.connect());
    expectSuccess(await beside.launch('two'));
    await isWell();
    expect(await beside.exec('two', 'echo', 'there')).toMatchObject({ stdout: 'there\n' });
    expectSuccess(await beside.run('instances.stop', 'two', { force: true }));
    await isWell();
    const forwarding = await readFile('/proc/sys/net/ipv4/ip_forward', 'utf8');
    expect(forwarding.trim()).toBe('1');
    expect(await hostTraces(second)).toMatchObject({ nftTables: ['berth', 'berth_ports'], bridges: ['mpqemubr0'] });
  } finally {
    await second.stop();
  }
});

test("what lies in the place of the helper's sockets is set aside, and what cannot be is named", async () => {
  const run = (state: string): string => path.join(state, '..', 'run');
  const odd = await startHelper({
    seedImages: false,
    prepare: async (state) => {
      await mkdir(path.join(run(state), 'helper.sock'), { recursive: true });
      await writeFile(path.join(run(state), 'helper.sock', 'mine'), 'x');
      await writeFile(path.join(run(state), 'stream.sock'), 'mine too');
      return async () => {};
    },
  });
  try {
    const names = await readdir(odd.runDirectory);
    const [aside = ''] = names.filter((name) => name.startsWith('helper.sock.corrupt-'));
    expect(await readFile(path.join(odd.runDirectory, aside, 'mine'), 'utf8')).toBe('x');
    expect(names.filter((name) => name.startsWith('stream.sock.corrupt-'))).toHaveLength(1);
  } finally {
    await odd.stop();
  }
  let blocked = '';
  try {
    await expect(
      startHelper({
        seedImages: false,
        prepare: async (state) => {
          blocked = path.join(run(state), 'stream.sock');
          await mkdir(blocked, { recursive: true });
          await promisify(execFile)('mount', ['-t', 'tmpfs', 'tmpfs', blocked]);
          return async () => {};
        },
      }),
    ).rejects.toThrow(/stream\.sock, because something is in its place: EBUSY.*helper\.socket-blocked.*findmnt/s);
  } finally {
    await promisify(execFile)('umount', [blocked]);
    await rm(path.dirname(path.dirname(blocked)), { recursive: true });
  }
});
