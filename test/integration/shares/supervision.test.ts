// SPDX-License-Identifier: MIT
import { execFileSync } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { expectSuccess } from '../../support/expect-success.ts';
import { startHelper, type HelperProcess } from '../../support/helper-process.ts';
import { hostTraces } from '../../support/host-traces.ts';
import { InstanceClient } from '../../support/instance-client.ts';
import { MountClient } from '../../support/mount-client.ts';
import { SharedFolder } from '../../support/shared-folder.ts';
import { signalProcess } from '../../support/signal-process.ts';

let helper: HelperProcess;
let client: InstanceClient;
let mounts: MountClient;
const folders: SharedFolder[] = [];
const targets = ['/home/berth/first', '/home/berth/second', '/srv/third'];

beforeAll(async () => {
  helper = await startHelper();
  await connect();
  for (const name of ['first', 'second', 'third']) folders.push(await SharedFolder.create(name));
  for (const name of ['one', 'two']) expectSuccess(await client.launch(name));
});
afterAll(async () => {
  await helper?.stop();
  for (const folder of folders) await folder[Symbol.asyncDispose]();
});

async function connect(): Promise<void> {
  const connection = await helper.connect();
  client = new InstanceClient(connection);
  mounts = new MountClient(connection, 'sshfs');
}

/** All of the instance's folders carry bytes in both directions. */
async function allServe(name: string): Promise<void> {
  for (const [index, folder] of folders.entries()) {
    const word = `${name}-${Math.random().toString(36).slice(2)}`;
    await writeFile(folder.in('from-host'), word);
    const done = await client.exec(name, 'sh', '-c', 'sleep 2.2; cat "$1/from-host" && printf %s "$2" > "$1/from-guest"', 'sh', targets[index] ?? '', word);
    expect(done).toMatchObject({ stdout: word, stderr: '', exitCode: 0 });
    expect(await readFile(folder.in('from-guest'), 'utf8')).toBe(word);
  }
}

function serverPids(folder: SharedFolder): number[] {
  const found = execFileSync('ps', ['-eo', 'pid,args'], { encoding: 'utf8' }).split('\n').filter((line) => line.includes(folder.path) && line.includes('unshare'));
  return found.map((line) => Number(line.trim().split(' ')[0]));
}

test('three folders in one machine, and one of them in another machine too', async () => {
  for (const [index, folder] of folders.entries()) expect(await mounts.add('one', folder.path, { target: targets[index] ?? '' })).toMatchObject({ state: 'connected' });
  await allServe('one');
  expect(await mounts.add('two', folders[0]?.path ?? '')).toMatchObject({ state: 'connected', target: targets[0] });
  expect(await client.exec('two', 'sh', '-c', 'echo from-two > first/shared-file')).toMatchObject({ exitCode: 0 });
  expect(await client.exec('one', 'cat', 'first/shared-file')).toMatchObject({ stdout: 'from-two\n' });
});

test('a mount is attached anew when asked, without a failure to be told', async () => {
  const [folder] = folders;
  if (!folder) throw new Error('no folder');
  const before = serverPids(folder);
  const [summary, ...others] = await mounts.reconnect('two');
  expect(summary).toMatchObject({ state: 'connected', reconnects: 1 });
  expect(summary?.lastError).toBeUndefined();
  expect(others).toEqual([]);
  expect(serverPids(folder).every((pid) => before.includes(pid))).toBe(false);
  expect(await client.exec('two', 'cat', 'first/shared-file')).toMatchObject({ stdout: 'from-two\n' });
});

test('a killed server is back without a hand', async () => {
  const [folder] = folders;
  if (!folder) throw new Error('no folder');
  const before = serverPids(folder);
  for (const pid of before) signalProcess(pid, 'SIGKILL', { group: true });
  await mounts.until('one', (list) => list.some(({ state }) => state !== 'connected'));
  await mounts.untilConnected('one');
  expect(serverPids(folder).some((pid) => before.includes(pid))).toBe(false);
  expect((await mounts.list('one'))[0]).toMatchObject({ reconnects: 1 });
  await allServe('one');
});

test('after a restart of the guest the folders are there, after waiting for the machine', async () => {
  expectSuccess(await client.run('instances.stop', 'one'));
  await mounts.until('one', (list) => list.length === 3 && list.every(({ state }) => state === 'waiting'));
  expectSuccess(await client.run('instances.start', 'one'));
  await mounts.untilConnected('one');
  await allServe('one');
});

test.each(['kill9', 'terminate'] as const)('after %s of the helper the next one attaches them', async (how) => {
  await helper[how]();
  await helper.restart();
  await connect();
  await mounts.untilConnected('one');
  await allServe('one');
});

test('a link that is cut for 30 seconds is noticed, and mended when it is back', async () => {
  const tap = await tapOf('one');
  execFileSync('ip', ['link', 'set', tap, 'down']);
  const cutMs = performance.now();
  const states = new Set<string>();
  await mounts.until('one', (list) => {
    for (const { state } of list) states.add(state);
    return list.every(({ state }) => state !== 'connected' && state !== 'degraded');
  });
  expect(performance.now() - cutMs).toBeLessThan(35_000);
  expect(states).toContain('degraded');
  await delay(Math.max(0, 30_000 - (performance.now() - cutMs))); // the time of the cut is what is tested
  execFileSync('ip', ['link', 'set', tap, 'up']);
  await mounts.untilConnected('one');
  await allServe('one');
}, 180_000);

test('a source that goes away is told, and served again when it is back', async () => {
  await using gone = await SharedFolder.create('gone');
  expect(await mounts.add('two', gone.path, { target: '/srv/gone' })).toMatchObject({ state: 'connected' });
  execFileSync('mv', [gone.path, gone.beside('elsewhere')]);
  for (const pid of serverPids(gone)) signalProcess(pid, 'SIGKILL', { group: true });
  const isGone = ({ target, reason }: { target: string; reason?: { code: string } | undefined }): boolean => target === '/srv/gone' && reason?.code === 'mount.source-denied';
  await mounts.until('two', (list) => list.some(isGone));
  execFileSync('mv', [gone.beside('elsewhere'), gone.path]);
  await mounts.untilConnected('two');
  expect(await mounts.remove('two', '/srv/gone')).toHaveLength(1);
});

test('a mount of a stopped instance waits, and is there after its start', async () => {
  expectSuccess(await client.run('instances.stop', 'two', { force: true }));
  await using later = await SharedFolder.create('later');
  await writeFile(later.in('f'), 'here');
  expect(await mounts.add('two', later.path)).toMatchObject({ state: 'waiting' });
  expectSuccess(await client.run('instances.start', 'two'));
  await mounts.untilConnected('two');
  expect(await client.exec('two', 'cat', 'later/f')).toMatchObject({ stdout: 'here' });
  const { mounts: shown } = await client.connection.request('instances.info', { name: (await client.connection.request('instances.list', {}))[1]!.name });
  expect(shown?.map(({ source }) => source)).toEqual([folders[0]?.path, later.path]);
});

test('deleting for good leaves no server, no profile, no record', async () => {
  for (const name of ['one', 'two']) {
    expectSuccess(await client.run('instances.delete', name));
    expectSuccess(await client.run('instances.purge', name));
  }
  for (const folder of folders) expect(serverPids(folder)).toEqual([]);
  expect(execFileSync('ls', [`${helper.stateDirectory}/profiles`], { encoding: 'utf8' })).toBe('');
  expect(await hostTraces(helper)).toMatchObject({ machines: [], taps: [], instanceDirectories: [], machineDirectories: [] });
});

/** The tap has the id of the instance, which is in its record. */
async function tapOf(name: string): Promise<string> {
  const record = JSON.parse(await readFile(`${helper.stateDirectory}/instances/${name}/instance.json`, 'utf8')) as { id: string };
  return `tap-${record.id}`;
}
