// SPDX-License-Identifier: MIT
import { execFileSync } from 'node:child_process';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { MountSummary } from '#contract/mounts.ts';
import { expectSuccess } from '../../support/expect-success.ts';
import { startHelper, type HelperProcess } from '../../support/helper-process.ts';
import { hostTraces } from '../../support/host-traces.ts';
import { InstanceClient } from '../../support/instance-client.ts';
import { jailedServers, type JailedServer } from '../../support/jailed-server.ts';
import { MountClient } from '../../support/mount-client.ts';
import { SharedFolder } from '../../support/shared-folder.ts';
import { signalProcess } from '../../support/signal-process.ts';

const transports = ['sshfs', 'virtiofs'] as const;
type Transport = (typeof transports)[number];
interface Place {
  readonly folder: SharedFolder;
  readonly transport: Transport;
  readonly target: string;
}

let helper: HelperProcess;
let client: InstanceClient;
let mounts: MountClient;
const folders: SharedFolder[] = [];

beforeAll(async () => {
  helper = await startHelper();
  await connect();
  for (const name of ['first', 'second', 'third']) folders.push(await SharedFolder.create(name));
  for (const name of ['one', 'two']) expectSuccess(await client.launch(name));
  // Folders by sshfs go over ports of `one`, and over SSH to `two`, whose kernel can do no ports from here on.
  expect(
    await client.exec(
      'two',
      'sudo',
      'sh',
      '-c',
      'rmmod virtio_console; find /lib/modules -name "virtio_console.ko*" | xargs rm',
    ),
  ).toMatchObject({ exitCode: 0 });
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

/** `one` has every folder both ways at once, `two` the first of them by sshfs and the second by virtiofs. */
function placesOf(name: string): Place[] {
  const all = folders.flatMap((folder) =>
    transports.map((transport) => ({
      folder,
      transport,
      target: `${transport === 'sshfs' ? '/home/berth' : '/srv'}/${path.basename(folder.path)}`,
    })),
  );
  return name === 'one'
    ? all
    : all.filter(({ folder, transport }) => folders.indexOf(folder) === transports.indexOf(transport));
}

/** All of the instance's folders carry bytes in both directions. */
async function allServe(name: string): Promise<void> {
  const word = Math.random().toString(36).slice(2);
  const fileOf = ({ transport }: Place): string => `from-${name}-by-${transport}`;
  for (const folder of folders) await writeFile(folder.in('from-host'), word);
  const script =
    'word=$1; shift; sleep 2.2; while [ $# -gt 0 ]; do [ "$(cat "$1/from-host")" = "$word" ] && printf %s "$word" > "$1/$2" || echo "$1 fails"; shift 2; done';
  const places = placesOf(name);
  expect(
    await client.exec(
      name,
      'sh',
      '-c',
      script,
      'sh',
      word,
      ...places.flatMap((place) => [place.target, fileOf(place)]),
    ),
  ).toMatchObject({ stdout: '', stderr: '', exitCode: 0 });
  for (const place of places)
    expect([place.target, await readFile(place.folder.in(fileOf(place)), 'utf8')]).toEqual([place.target, word]);
}

const programs = { sshfs: 'sftp-server', virtiofs: 'virtiofsd' } as const;
const serverPids = (folder: SharedFolder, transport: Transport): JailedServer[] =>
  jailedServers(folder.path, programs[transport]);
const counts = (list: readonly MountSummary[], transport: Transport): (number | undefined)[] =>
  list.filter((mount) => mount.transport === transport).map(({ reconnects }) => reconnects);

test('three folders in one machine, by sshfs and by virtiofs, and two of them in another machine too', async () => {
  for (const name of ['one', 'two']) {
    for (const { folder, transport, target } of placesOf(name)) {
      const mount = await mounts.add(name, folder.path, { target, type: transport });
      expect(mount).toMatchObject({ state: 'connected', transport });
      expect(mount.overSsh?.code).toBe(name === 'two' && transport === 'sshfs' ? 'mount.no-port' : undefined);
    }
    await allServe(name);
  }
  // Whoever wrote it, and by whatever way, all read it.
  expect(
    await client.exec(
      'one',
      'sh',
      '-c',
      'sleep 2.2; cat /home/berth/first/from-two-by-sshfs /srv/first/from-two-by-sshfs',
    ),
  ).toMatchObject({ exitCode: 0, stderr: '' });
  const lines = '/srv/second/lines';
  for (const [name, target] of [
    ['one', '/home/berth/second/lines'],
    ['two', lines],
    ['one', lines],
    ['two', lines],
  ] as const)
    expect(await client.exec(name, 'sh', '-c', `echo ${name} >> ${target}`)).toMatchObject({ exitCode: 0, stderr: '' });
  expect(await readFile(folders[1]?.in('lines') ?? '', 'utf8')).toBe('one\ntwo\none\ntwo\n');
});

test('a mount is attached anew when asked, without a failure to be told', async () => {
  const before = folders.flatMap((folder) => transports.flatMap((transport) => serverPids(folder, transport)));
  const reconnected = await mounts.reconnect('two');
  expect(reconnected).toHaveLength(2);
  for (const summary of reconnected) {
    expect(summary).toMatchObject({ state: 'connected', reconnects: 1 });
    expect(summary.lastError).toBeUndefined();
  }
  const after = folders.flatMap((folder) => transports.flatMap((transport) => serverPids(folder, transport)));
  expect(after).toHaveLength(before.length);
  expect(after.filter(({ outer }) => !before.some((each) => each.outer === outer))).toHaveLength(2);
  await allServe('two');
});

test.each(transports)(
  'killed servers of %s are back without a hand, and no other share is touched',
  async (transport) => {
    const other = transports.find((each) => each !== transport) ?? 'sshfs';
    const [before, others] = [
      folders.flatMap((folder) => serverPids(folder, transport)),
      folders.flatMap((folder) => serverPids(folder, other)),
    ];
    expect(before).toHaveLength(4); // three of `one`, one of `two`
    const counted = {
      one: counts(await mounts.list('one'), transport),
      two: counts(await mounts.list('two'), transport),
    };
    // The server itself as well as what the helper started.
    for (const [index, { outer, inner }] of before.entries()) signalProcess(index % 2 === 0 ? inner : outer, 'SIGKILL');
    for (const name of ['one', 'two'] as const) {
      const expected = counted[name].map((count = 0) => count + 1);
      const list = await mounts.until(
        name,
        (all) =>
          JSON.stringify(counts(all, transport)) === JSON.stringify(expected) &&
          all.every(({ state }) => state === 'connected'),
      );
      expect(
        list.filter((mount) => mount.transport === transport).map(({ lastError }) => lastError?.error.code),
      ).toEqual(expected.map(() => expect.stringMatching(/^mount\.(server-ended|failed)$/) as string));
      await allServe(name);
    }
    expect(
      folders
        .flatMap((folder) => serverPids(folder, transport))
        .filter(({ outer }) => before.some((each) => each.outer === outer)),
    ).toEqual([]);
    expect(folders.flatMap((folder) => serverPids(folder, other))).toEqual(others);
  },
);

test('after a restart of the guest the folders are there, after waiting for the machine', async () => {
  expectSuccess(await client.run('instances.stop', 'one'));
  await mounts.until('one', (list) => list.length === 6 && list.every(({ state }) => state === 'waiting'));
  expect(await sharesOf('one')).toEqual([]);
  expectSuccess(await client.run('instances.start', 'one'));
  await mounts.untilConnected('one');
  await allServe('one');
  await allServe('two');
});

test.each(['kill9', 'terminate'] as const)('after %s of the helper the next one has them all again', async (how) => {
  const servers = folders.flatMap((folder) => serverPids(folder, 'virtiofs'));
  await helper[how]();
  await helper.restart();
  await connect();
  for (const name of ['one', 'two']) {
    await mounts.untilConnected(name);
    await allServe(name);
  }
  expect(folders.flatMap((folder) => serverPids(folder, 'virtiofs'))).toEqual(servers);
});

test('a link that is cut for 30 seconds is noticed, and mended when it is back; what needs no network serves on', async () => {
  const taps = await Promise.all(['one', 'two'].map(tapOf));
  const ticking = { virtiofs: '/srv/first', sshfs: '/home/berth/second' };
  for (const [way, folder] of Object.entries(ticking))
    await client.exec(
      'one',
      'sh',
      '-c',
      `(while :; do echo tick >> ${folder}/ticks-by-${way}; sleep 0.2; done) > /dev/null 2>&1 &`,
    );
  const ticked = async (): Promise<number[]> =>
    await Promise.all(
      [folders[0]?.in('ticks-by-virtiofs'), folders[1]?.in('ticks-by-sshfs')].map(
        async (file) => (await readFile(file ?? '')).length,
      ),
    );
  for (const tap of taps) execFileSync('ip', ['link', 'set', tap, 'down']);
  const cutMs = performance.now();
  const seen = { one: new Set<string>(), two: new Set<string>() };
  const until = async (name: 'one' | 'two', isReached: (list: readonly MountSummary[]) => boolean): Promise<void> => {
    await mounts.until(name, (list) => {
      for (const { state, transport } of list) seen[name].add(`${transport ?? ''} ${state}`);
      return isReached(list);
    });
  };
  await Promise.all([
    until('one', (list) => list.every(({ state }) => state === 'degraded')),
    until('two', (list) =>
      list
        .filter(({ transport }) => transport === 'sshfs')
        .every(({ state }) => state !== 'connected' && state !== 'degraded'),
    ),
  ]);
  expect(performance.now() - cutMs).toBeLessThan(60_000);
  const before = await ticked();
  await delay(Math.max(1_000, 30_000 - (performance.now() - cutMs))); // the time of the cut is what is tested
  for (const [index, bytes] of (await ticked()).entries()) expect(bytes).toBeGreaterThan(before[index] ?? 0);
  expect([...seen.one].sort()).toEqual([
    'sshfs connected',
    'sshfs degraded',
    'virtiofs connected',
    'virtiofs degraded',
  ]);
  expect(seen.two).toContain('sshfs degraded');
  for (const tap of taps) execFileSync('ip', ['link', 'set', tap, 'up']);
  // TCP tries a link again after twice the time of before: a minute and more where the cut was long
  const list = await mounts.untilConnected('one', 200_000);
  expect(list.map(({ reconnects }) => reconnects)).toEqual(list.map(() => 0));
  await mounts.untilConnected('two', 200_000);
  for (const name of ['one', 'two']) await allServe(name);
}, 400_000);

test('a source that goes away is told, and served again when it is back', async () => {
  await using gone = await SharedFolder.create('gone');
  expect(await mounts.add('two', gone.path, { target: '/srv/gone' })).toMatchObject({ state: 'connected' });
  execFileSync('mv', [gone.path, gone.beside('elsewhere')]);
  for (const { outer } of serverPids(gone, 'sshfs')) signalProcess(outer, 'SIGKILL', { group: true });
  const isGone = ({ target, reason }: { target: string; reason?: { code: string } | undefined }): boolean =>
    target === '/srv/gone' && reason?.code === 'mount.source-denied';
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
  const { mounts: shown } = await client.connection.request('instances.info', {
    name: (await client.connection.request('instances.list', {}))[1]!.name,
  });
  expect(shown?.map(({ source }) => source)).toEqual([folders[0]?.path, folders[1]?.path, later.path]);
  await mounts.remove('two', later.path.replace(/^.*\//, ''));
});

test("what a machine leaves that ends while no helper lives is gone at the next one's start", async () => {
  const [machine] = (await hostTraces(helper)).machines.filter((pid) =>
    execFileSync('ps', ['-o', 'args=', '-p', String(pid)], { encoding: 'utf8' }).includes('guest=one,'),
  );
  const held = folders.flatMap((folder) => serverPids(folder, 'virtiofs'));
  expect(await sharesOf('one')).toHaveLength(6);
  await helper.kill9();
  signalProcess(machine, 'SIGKILL');
  await untilGone(held[0]?.outer ?? 0);
  expect((await sharesOf('one')).length).toBeGreaterThan(0);
  await helper.restart();
  await connect();
  expect(await sharesOf('one')).toEqual([]);
  await mounts.untilConnected('two');
  await allServe('two');
});

test('deleting for good leaves no server, no profile, no record', async () => {
  for (const name of ['one', 'two']) {
    expectSuccess(await client.run('instances.delete', name));
    expectSuccess(await client.run('instances.purge', name));
  }
  for (const folder of folders) for (const transport of transports) expect(serverPids(folder, transport)).toEqual([]);
  // A server ends a moment after its machine.
  await expect.poll(async () => await readdir(`${helper.stateDirectory}/profiles`), { timeout: 10_000 }).toEqual([]);
  expect(await readdir(`${helper.runDirectory}/shares`)).toEqual([]);
  expect(await hostTraces(helper)).toMatchObject({
    machines: [],
    taps: [],
    instanceDirectories: [],
    machineDirectories: [],
  });
});

/** The profiles of an instance's share servers. */
async function sharesOf(name: string): Promise<string[]> {
  return (await readdir(`${helper.stateDirectory}/profiles`)).filter(
    (each) => each.startsWith(`multipass.${name}.share-server.`) || each.startsWith(`multipass.${name}.virtiofsd.`),
  );
}

async function untilGone(pid: number): Promise<void> {
  if (!(pid > 1)) throw new Error(`no process ${pid}`);
  while (execFileSync('sh', ['-c', `[ -e /proc/${pid} ] && echo lives || true`], { encoding: 'utf8' }) !== '')
    await delay(50);
}

/** The tap has the id of the instance, which is in its record. */
async function tapOf(name: string): Promise<string> {
  const record = JSON.parse(await readFile(`${helper.stateDirectory}/instances/${name}/instance.json`, 'utf8')) as {
    id: string;
  };
  return `tap-${record.id}`;
}
