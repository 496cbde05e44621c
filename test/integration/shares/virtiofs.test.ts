// SPDX-License-Identifier: MIT
import { execFileSync } from 'node:child_process';
import { readdir, readFile, readlink, stat, writeFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { instanceName } from '#contract/names.ts';
import {
  expectEveryName,
  expectMountByName,
  expectNoWayOut,
  expectReadOnly,
  type Sharing,
} from '../../support/any-transport.ts';
import { startHelper, type HelperProcess } from '../../support/helper-process.ts';
import { InstanceClient } from '../../support/instance-client.ts';
import { jailedServer } from '../../support/jailed-server.ts';
import { MountClient } from '../../support/mount-client.ts';
import { readStatus } from '../../../native-helper/process/proc-fs.ts';
import { copyProgram } from '../../support/copy-program.ts';
import { PlainSshfs } from '../../support/plain-sshfs.ts';
import { oddNames } from '../../support/odd-names.ts';
import { SharedFolder, someUser } from '../../support/shared-folder.ts';
import { failingStressors, quickStressors } from '../../support/stress-suite.ts';

let helper: HelperProcess;
let client: InstanceClient;
let mounts: MountClient;
let folder: SharedFolder;

const sharing = (): Sharing => ({ client, mounts, transport: 'virtiofs' });
const sh = (line: string, ...words: readonly string[]): ReturnType<InstanceClient['exec']> =>
  client.exec('one', 'sh', '-c', line, 'sh', ...words);
const root = (line: string): ReturnType<InstanceClient['exec']> => client.exec('one', 'sudo', 'sh', '-c', line);

beforeAll(async () => {
  helper = await startHelper();
  await connect();
  folder = await SharedFolder.create();
  expect(await client.launch('one')).toMatchObject({ state: 'succeeded' });
});
afterAll(async () => {
  await helper?.stop();
  await folder?.[Symbol.asyncDispose]();
});

async function connect(): Promise<void> {
  const connection = await helper.connect();
  client = new InstanceClient(connection);
  mounts = new MountClient(connection);
}

function kill(pid: number): void {
  if (!(pid > 1)) throw new Error(`no process ${pid}`);
  process.kill(pid, 'SIGKILL');
}

test('auto is virtiofs where host and guest can, plugged into the running machine', async () => {
  expect(await mounts.add('one', folder.path)).toMatchObject({
    state: 'connected',
    type: 'auto',
    transport: 'virtiofs',
    target: '/home/berth/shared',
  });
  expect(
    await sh('grep -c "^berth-[0-9a-f]*[.][0-7] /home/berth/shared virtiofs rw,nosuid,nodev" /proc/mounts'),
  ).toMatchObject({ stdout: '1\n' });
});

test('what the guest writes is on the host, and the other way round', async () => {
  expect(await sh('echo from-guest > shared/a.txt && stat -c "%U %a" shared/a.txt')).toMatchObject({
    exitCode: 0,
    stdout: 'berth 644\n',
    stderr: '',
  });
  expect(await readFile(folder.in('a.txt'), 'utf8')).toBe('from-guest\n');
  await writeFile(folder.in('b.txt'), 'from-host\n');
  expect(await sh('cat shared/b.txt')).toMatchObject({ stdout: 'from-host\n' });
  await writeFile(folder.in('b.txt'), 'from-host, longer\n');
  expect(await sh('sleep 1.2; cat shared/b.txt; mv shared/a.txt shared/c.txt; rm shared/b.txt')).toMatchObject({
    stdout: 'from-host, longer\n',
  });
  expect(await readdir(folder.path)).toEqual(['c.txt']);
});

test("whoever of the guest makes a file, it is the user's here", async () => {
  expect(
    await root(
      'echo x > /home/berth/shared/by-root && mkdir /home/berth/shared/of-root && stat -c %U /home/berth/shared/by-root',
    ),
  ).toMatchObject({ stdout: 'berth\n', stderr: '' });
  const made = await stat(folder.in('by-root'));
  expect([made.uid, made.gid]).toEqual([process.getuid?.(), process.getgid?.()]);
});

test("the server has the user's rights in one folder, and no way to more", async () => {
  const { inner } = jailedServer(folder.path, 'virtiofsd');
  const status = await readStatus(inner);
  for (const set of ['CapInh', 'CapPrm', 'CapEff', 'CapBnd', 'CapAmb'])
    expect([set, status?.get(set)]).toEqual([set, '0000000000000000']);
  expect(status?.get('NoNewPrivs')).toBe('1');
  expect(status?.get('Seccomp')).toBe('2');
  expect(Number(status?.get('Seccomp_filters'))).toBeGreaterThan(1);
  expect(status?.get('Uid')?.split(/\s+/)).toEqual(Array.from({ length: 4 }, () => String(process.getuid?.())));
  for (const kind of ['user', 'mnt', 'pid', 'net', 'ipc', 'uts'])
    expect(await readlink(`/proc/${inner}/ns/${kind}`)).not.toBe(await readlink(`/proc/self/ns/${kind}`));
  expect(await readlink(`/proc/${inner}/root`)).toBe('/share');
  expect(await readFile(`/proc/${inner}/uid_map`, 'utf8')).toMatch(/^\s+\d+\s+0\s+1\n$/);
});

test("what is not the user's is neither readable nor writable, for the guest's root too", async () => {
  await using mixed = await SharedFolder.create('mixed', someUser);
  await writeFile(mixed.in('open'), 'for all', { mode: 0o644 });
  await writeFile(mixed.in('mine'), 'x', { mode: 0o644 });
  execFileSync('chown', [`${someUser.uid}`, mixed.in('open')]);
  execFileSync('chmod', ['600', mixed.in('open')]);
  execFileSync('mkdir', ['-m', '700', mixed.in('closed')]);
  execFileSync('chown', [`${someUser.uid}`, mixed.in('closed')]);
  expect(await mounts.add('one', mixed.path, { target: '/mnt/mixed' })).toMatchObject({ transport: 'virtiofs' });
  for (const line of [
    'cat /mnt/mixed/open',
    'echo x > /mnt/mixed/open',
    'echo x > /mnt/mixed/new',
    'ls /mnt/mixed/closed',
    'chown 0 /mnt/mixed/mine',
    'chmod 777 /mnt/mixed/open',
    'rm -f /mnt/mixed/mine',
    'mknod /mnt/mixed/null c 1 3',
    'ln /mnt/mixed/open /mnt/mixed/linked',
  ]) {
    expect([line, (await root(line)).exitCode]).not.toEqual([line, 0]);
  }
  expect(await root('stat -c "%u" /mnt/mixed/open')).toMatchObject({ stdout: '65534\n' });
  expect((await readdir(mixed.path)).sort()).toEqual(['closed', 'mine', 'open']);
  await mounts.remove('one', '/mnt/mixed');
});

test("no link leads out, and FIFOs, sockets and devices are the guest's own", async () => {
  await expectNoWayOut(sharing(), folder);
  execFileSync('ln', ['-s', `../${'../'.repeat(8)}etc/shadow`, folder.in('far-out')]);
  expect(
    (await root('ls /home/berth/shared/../shared/../../../../../proc/1/root; cat /home/berth/shared/far-out')).stdout,
  ).not.toContain('berth-test');
});

test("read-only is read-only, for the guest's root too", async () => {
  await expectReadOnly(sharing(), [
    'tag=$(awk \'$2 == "/mnt/fixed" { print $1 }\' /proc/mounts) && umount /mnt/fixed && mount -t virtiofs $tag /mnt/fixed && echo x > /mnt/fixed/g',
  ]);
});

test('every name goes through as it is, as source, target and content', async () => {
  await expectEveryName(sharing(), folder, 1.2);
  await expectMountByName(sharing(), oddNames[1]! + oddNames[3]! + oddNames[6]!);
});

test('where virtiofs cannot, auto says why and takes sshfs, and virtiofs says why', async () => {
  await using other = await SharedFolder.create('other');
  const uidMaps = [{ host: 0, guest: 1000 }];
  expect(await mounts.add('one', other.path, { target: '/mnt/auto', uidMaps })).toMatchObject({
    state: 'connected',
    transport: 'sshfs',
    fallback: { code: 'mount.no-virtiofs' },
  });
  expect(await mounts.add('one', other.path, { target: '/mnt/asked', uidMaps, type: 'virtiofs' })).toMatchObject({
    state: 'not-connected',
    reason: { code: 'mount.no-virtiofs' },
  });
  expect(await mounts.add('one', other.path, { target: '/mnt/sshfs', type: 'sshfs' })).not.toHaveProperty('fallback');
  for (const target of ['/mnt/auto', '/mnt/asked', '/mnt/sshfs']) await mounts.remove('one', target);
});

test('a suite of others finds nothing, either way, that it does not find on plain sshfs', async () => {
  const { connection } = client;
  const name = instanceName.parse('one');
  await using tools = await SharedFolder.create('tools');
  await using first = await SharedFolder.create('by-sshfs');
  await using second = await SharedFolder.create('by-virtiofs');
  await using third = await SharedFolder.create('plain');
  await copyProgram('/usr/bin/stress-ng', tools.path);
  await mounts.add('one', tools.path, { target: '/mnt/tools', isReadOnly: true });
  await mounts.add('one', first.path, { target: '/mnt/sshfs', type: 'sshfs' });
  await mounts.add('one', second.path, { target: '/mnt/virtiofs', type: 'virtiofs' });
  await using _ = await PlainSshfs.start({ connection, name, folder: third.path, target: '/mnt/plain' });
  const guest = { connection, name, program: '/mnt/tools/ld.so --library-path /mnt/tools /mnt/tools/stress-ng' };
  const failing = (folder: string): Promise<readonly string[]> =>
    failingStressors(guest, folder, { chosen: quickStressors, seconds: 3 });
  try {
    const oracle = await failing('/mnt/plain');
    expect(oracle.length).toBeLessThan(quickStressors.length / 2); // else it says nothing
    for (const folder of ['/mnt/sshfs', '/mnt/virtiofs'])
      expect([folder, (await failing(folder)).filter((stressor) => !oracle.includes(stressor))]).toEqual([folder, []]);
  } finally {
    for (const target of ['/mnt/tools', '/mnt/sshfs', '/mnt/virtiofs']) await mounts.remove('one', target);
  }
}, 420_000);

test('a killed helper is not missed in the guest, and the next one takes the folder over', async () => {
  await root(
    '(while [ ! -e /home/berth/shared/enough ]; do echo tick >> /home/berth/shared/ticks; sleep 0.2; done) > /dev/null 2>&1 &',
  );
  const before = jailedServer(folder.path, 'virtiofsd');
  await helper.kill9();
  const size = (await stat(folder.in('ticks'))).size;
  await delay(1000); // as above
  expect((await stat(folder.in('ticks'))).size).toBeGreaterThan(size);
  await helper.restart();
  await connect();
  expect(await mounts.untilConnected('one')).toMatchObject([{ transport: 'virtiofs' }]);
  expect(jailedServer(folder.path, 'virtiofsd')).toEqual(before);
  expect(await sh('cat shared/by-root')).toMatchObject({ stdout: 'x\n' });
});

test('after a restart of the guest the folder is there', async () => {
  expect(await client.run('instances.restart', 'one')).toMatchObject({ state: 'succeeded' });
  expect(await mounts.untilConnected('one')).toMatchObject([{ transport: 'virtiofs' }]);
  expect(await sh('cat shared/by-root')).toMatchObject({ stdout: 'x\n' });
});

test('an unmount leaves nothing in the guest, in the machine and here', async () => {
  expect(await mounts.remove('one')).toHaveLength(1);
  expect(
    await sh(
      'ls -d shared; sudo ls /run/berth; grep berth- /proc/mounts; ls /sys/bus/virtio/drivers/virtiofs | grep virtio[0-9]',
    ),
  ).toMatchObject({ stdout: '' });
  expect(
    execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' })
      .split('\n')
      .filter((line) => line.includes(folder.path)),
  ).toEqual([]);
  expect((await readdir(`${helper.stateDirectory}/profiles`)).filter((name) => name.includes('virtiofsd'))).toEqual([]);
  expect(await readdir(`${helper.runDirectory}/shares`)).toEqual([]);
  const [machine = ''] = await readdir(`${helper.runDirectory}/machines`);
  expect(
    (await readdir(`${helper.runDirectory}/machines/${machine}`)).filter((name) => name.startsWith('share-')),
  ).toEqual([]);
});

test('a killed server is back without a hand, and who waited for it gets an error', async () => {
  expect(await mounts.add('one', folder.path)).toMatchObject({ transport: 'virtiofs' });
  await root('(while :; do echo tick >> /home/berth/shared/ticks; sleep 0.1; done) > /dev/null 2>&1 &');
  kill(jailedServer(folder.path, 'virtiofsd').outer);
  await mounts.until('one', (list) => list.some(({ state }) => state !== 'connected'));
  expect(await mounts.untilConnected('one')).toMatchObject([
    { transport: 'virtiofs', lastError: { error: { code: 'mount.server-ended' } } },
  ]);
  expect(await sh('cat shared/by-root; sudo grep -c virtiofs /proc/mounts')).toMatchObject({ stdout: 'x\n1\n' });
  // What the guest's kernel waits for without end holds up neither this folder nor others.
  expect(await mounts.reconnect('one')).toMatchObject([{ state: 'connected', transport: 'virtiofs', reconnects: 2 }]);
  expect(await mounts.remove('one')).toHaveLength(1);
  await using other = await SharedFolder.create('other');
  await using another = await SharedFolder.create('another');
  // At once, as after a start of the machine: each has a slot of its own, and the guest sees all.
  for (const added of await Promise.all([folder, other, another].map(({ path }) => mounts.add('one', path))))
    expect(added).toMatchObject({ state: 'connected', transport: 'virtiofs' });
  expect(
    await sh(
      'grep -c "^berth-[0-9a-f]*[.][0-9] .* virtiofs" /proc/mounts; sed -n "s/^berth-[0-9a-f]*[.]\\([0-9]\\) .* virtiofs.*/\\1/p" /proc/mounts | sort -u | wc -l',
    ),
  ).toMatchObject({ stdout: '3\n3\n' });
  expect(await sh('cat shared/by-root')).toMatchObject({ stdout: 'x\n' });
  // The guest still ends in good order, though its kernel waits for answers that never come.
  expect(await client.run('instances.stop', 'one')).toMatchObject({ state: 'succeeded' });
});
