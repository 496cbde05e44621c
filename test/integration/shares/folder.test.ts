// SPDX-License-Identifier: MIT
import { execFileSync } from 'node:child_process';
import { chmod, mkdir, readdir, readFile, rename, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  expectEveryName,
  expectMountByName,
  expectNoWayOut,
  expectReadOnly,
  type Sharing,
} from '../../support/any-transport.ts';
import { expectSuccess } from '../../support/expect-success.ts';
import { startHelper, type HelperProcess } from '../../support/helper-process.ts';
import { InstanceClient } from '../../support/instance-client.ts';
import { MountClient } from '../../support/mount-client.ts';
import { copyProgram } from '../../support/copy-program.ts';
import { oddNames } from '../../support/odd-names.ts';
import { SharedFolder, someUser } from '../../support/shared-folder.ts';

let helper: HelperProcess;
let client: InstanceClient;
let mounts: MountClient;
let folder: SharedFolder;

const sharing = (): Sharing => ({ client, mounts, transport: 'sshfs' });
/** A line of shell in the guest, with words that it does not read. */
const sh = (line: string, ...words: readonly string[]): ReturnType<InstanceClient['exec']> =>
  client.exec('one', 'sh', '-c', line, 'sh', ...words);

beforeAll(async () => {
  helper = await startHelper();
  const connection = await helper.connect();
  client = new InstanceClient(connection);
  mounts = new MountClient(connection, 'sshfs');
  folder = await SharedFolder.create();
  expectSuccess(await client.launch('one'));
  expect(await mounts.add('one', folder.path)).toMatchObject({
    state: 'connected',
    target: '/home/berth/shared',
    source: folder.path,
  });
});
afterAll(async () => {
  await helper?.stop();
  await folder?.[Symbol.asyncDispose]();
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
});

test('a change on the host is read whole two seconds later', async () => {
  await writeFile(folder.in('grows'), 'abc');
  expect(await sh('cat shared/grows')).toMatchObject({ stdout: 'abc' });
  await writeFile(folder.in('grows'), 'abcdefghijklmnopqrst');
  expect(await sh('sleep 2.2; cat shared/grows')).toMatchObject({ stdout: 'abcdefghijklmnopqrst' });
});

test('delete, rename, permissions and links go both ways', async () => {
  expect(
    await sh(
      'cd shared && touch a.txt && mkdir d && echo 1 > d/f && mv d/f d/g && chmod 640 d/g && ln -s g d/link && rm a.txt',
    ),
  ).toMatchObject({ exitCode: 0, stderr: '' });
  expect(await readdir(folder.in('d'))).toEqual(['g', 'link']);
  expect((await stat(folder.in('d', 'g'))).mode & 0o777).toBe(0o640);
  expect(await readdir(folder.path)).not.toContain('a.txt');
  await rename(folder.in('d', 'g'), folder.in('d', 'h'));
  await chmod(folder.in('d', 'h'), 0o755);
  await rm(folder.in('d', 'link'));
  await symlink('h', folder.in('d', 'back'));
  expect(await sh('sleep 2.2; cd shared/d && stat -c "%n %a" h && readlink back && cat back')).toMatchObject({
    stdout: 'h 755\nh\n1\n',
  });
});

test('ten thousand files are listed, and made without waiting for acknowledgements', async () => {
  await mkdir(folder.in('many'));
  await Promise.all(Array.from({ length: 10_000 }, (_, index) => writeFile(folder.in('many', `h${index}`), '')));
  // The shell reads names alone; ls would ask for each file's attributes, which an emulated guest takes minutes for.
  expect(await sh('cd shared/many && set -- * && echo $# && [ -f h9999 ]')).toMatchObject({
    stdout: '10000\n',
    exitCode: 0,
  });
  const startedMs = performance.now();
  expect(await sh('cd shared/many && i=0; while [ $i -lt 200 ]; do : > g$i; i=$((i+1)); done')).toMatchObject({
    exitCode: 0,
    stderr: '',
  });
  const tookMs = performance.now() - startedMs;
  expect((await readdir(folder.in('many'))).filter((name) => name.startsWith('g'))).toHaveLength(200);
  // Five answers a file: without TCP_NODELAY each would wait 40 ms for a delayed acknowledgement, 40 s in all.
  expect(tookMs).toBeLessThan(30_000);
  await rm(folder.in('many'), { recursive: true });
});

test("read-only is read-only, for the guest's root too", async () => {
  await expectReadOnly(sharing());
});

test("what is not the caller's is neither readable nor writable", async () => {
  await using mixed = await SharedFolder.create('mixed', someUser);
  await chmod(mixed.path, 0o755);
  await writeFile(mixed.in('secret'), 'root only', { mode: 0o600 });
  // The caller is root here, without root's capabilities: the folder of another user takes nothing from it.
  expect(await mounts.add('one', mixed.path, { target: '/mnt/mixed' })).toMatchObject({ state: 'connected' });
  expect((await client.exec('one', 'sudo', 'sh', '-c', 'echo x > /mnt/mixed/new')).exitCode).not.toBe(0);
  expect(await readdir(mixed.path)).toEqual(['secret']);
  await mounts.remove('one', '/mnt/mixed');
});

test("-u and -g say whose files are whose, and nobody else's can be changed", async () => {
  await using owned = await SharedFolder.create('owned');
  for (const [name, ids] of [
    ['mapped', '4242:4343'],
    ['foreign', '7777:8888'],
  ] as const) {
    await writeFile(owned.in(name), name, { mode: 0o666 });
    await chmod(owned.in(name), 0o644);
    execFileSync('chown', [ids, owned.in(name)]);
  }
  expect(
    await client.exec(
      'one',
      'sudo',
      'sh',
      '-c',
      'echo colleague:x:5005:5006::/:/bin/sh >> /etc/passwd; echo team:x:5006: >> /etc/group',
    ),
  ).toMatchObject({ exitCode: 0 });
  const maps = {
    uidMaps: [
      { host: 0, guest: 1000 },
      { host: 4242, guest: 5005 },
    ],
    gidMaps: [
      { host: 0, guest: 1000 },
      { host: 4343, guest: 5006 },
    ],
  };
  expect(await mounts.add('one', owned.path, { target: '/mnt/owned', ...maps })).toMatchObject({ state: 'connected' });
  expect(await sh('cd /mnt/owned && echo x > made && stat -c "%n %u:%g" foreign made mapped')).toMatchObject({
    stdout: 'foreign 7777:8888\nmade 1000:1000\nmapped 5005:5006\n',
    stderr: '',
  });
  expect(execFileSync('stat', ['-c', '%u:%g', owned.in('made')], { encoding: 'utf8' })).toBe('0:0\n');
  for (const name of ['mapped', 'foreign']) {
    expect((await sh(`echo x > /mnt/owned/${name}`)).exitCode).not.toBe(0);
    // the caller's right decides: root here has no capability
    expect((await client.exec('one', 'sudo', 'sh', '-c', `echo x > /mnt/owned/${name}`)).exitCode).not.toBe(0);
    expect(await readFile(owned.in(name), 'utf8')).toBe(name);
  }
  await mounts.remove('one', '/mnt/owned');
  const unknown = { uidMaps: [{ host: 0, guest: 31_337 }] };
  expect(await mounts.add('one', owned.path, { target: '/mnt/owned', ...unknown })).toMatchObject({
    state: 'not-connected',
    reason: { code: 'mount.map-refused', params: { kind: 'user', id: '31337' } },
  });
  await mounts.remove('one', '/mnt/owned');
});

test('every name goes through as it is', async () => {
  await expectEveryName(sharing(), folder, 2.2);
});

test.each(oddNames)('a folder called %j is mounted on a target of that name', async (name) => {
  await expectMountByName(sharing(), name);
});

test.each([
  '/',
  '/proc',
  '/sys/fs',
  '/dev/x',
  '/boot',
  '/etc',
  '/etc/ssh',
  '/usr/lib',
  '/home',
  '/home/berth',
  '.',
  '..',
  '/mnt/../etc',
  '/root',
  '/run/berth/x',
  '/bin',
  '/var',
])('the target %s is refused', async (target) => {
  await expect(mounts.add('one', folder.path, { target })).rejects.toMatchObject({
    data: { code: 'mount.target-refused' },
  });
});

test('a link in the guest does not lead a mount to a forbidden place', async () => {
  expect(await sh('ln -s /etc sneaky')).toMatchObject({ exitCode: 0 });
  expect(await mounts.add('one', folder.path, { target: 'sneaky/ssh' })).toMatchObject({
    state: 'not-connected',
    reason: { code: 'mount.target-refused' },
  });
  await mounts.remove('one', 'sneaky/ssh');
});

test('a target that is mounted already, or lies in one that is, is refused with what is there', async () => {
  for (const target of ['shared', 'shared/below']) {
    await expect(mounts.add('one', folder.path, { target })).rejects.toMatchObject({
      data: { code: 'mount.exists', params: { source: folder.path } },
    });
  }
});

test("sources that are no folders of the caller's are refused", async () => {
  for (const source of ['/no/such', folder.in('b.txt')]) {
    await expect(mounts.add('one', source, { target: '/mnt/x' })).rejects.toMatchObject({
      data: { code: 'mount.source-denied' },
    });
  }
  await expect(mounts.add('one', 'relative')).rejects.toMatchObject({ data: { code: 'request.invalid' } });
  await expect(mounts.add('one', '/tmp/not-\u{FFFD}-utf8')).rejects.toMatchObject({
    data: { code: 'request.invalid' },
  });
});

test('9p is refused by a guest whose kernel has none, and where owners are mapped', async () => {
  expect(await mounts.add('one', folder.path, { target: '/mnt/x', type: '9p' })).toMatchObject({
    state: 'not-connected',
    reason: { code: 'mount.no-9p', params: { reason: "the guest's kernel has no 9p" } },
  });
  await mounts.remove('one', '/mnt/x');
  await expect(
    mounts.add('one', folder.path, { target: '/mnt/x', type: '9p', gidMaps: [{ host: 0, guest: 1000 }] }),
  ).rejects.toMatchObject({ data: { code: 'mount.type-refused' } });
});

test('how it goes is told: by what, how fast, and how much', async () => {
  await mounts.until('one', (list) => list.every(({ bytesPerSecond }) => bytesPerSecond === 0));
  const flowing = mounts.until('one', (list) => list.some(({ bytesPerSecond = 0 }) => bytesPerSecond > 0));
  expect(await sh('dd if=/dev/zero of=shared/flow bs=1M count=24 2> /dev/null && rm shared/flow')).toMatchObject({
    exitCode: 0,
  });
  expect((await flowing)[0]).toMatchObject({ transport: 'sshfs', reconnects: 0 });
  await mounts.until('one', (list) =>
    list.every(({ bytesPerSecond, bytesFromGuest }) => bytesPerSecond === 0 && bytesFromGuest > 24 * 1024 ** 2),
  );
});

test('programs of the guest that watch are told of changes made here, once, where it was asked for', async () => {
  await using watched = await SharedFolder.create('watched');
  await mkdir(watched.in('src'));
  await mkdir(watched.in('node_modules'));
  await writeFile(watched.in('src', 'a'), 'a');
  expect(await mounts.add('one', watched.path, { target: '/mnt/watched', isNotifying: true })).toMatchObject({
    state: 'connected',
    notifications: { told: 0, leftOut: 0 },
  });
  await copyProgram('/usr/bin/perl', watched.in('tools'));
  // inotify_init and inotify_add_watch for IN_ATTRIB (inotify(7)), the name of each event on a line of its own.
  const watching =
    '$| = 1; my $w = syscall(253); my $p = "/mnt/watched/src"; syscall(254, $w, $p, 4); open my $h, "<&=", $w; print "ready\\n"; while (sysread $h, my $b, 4096) { while (length $b) { my $l = unpack "x12 L", $b; print unpack("x16 Z$l", $b), "\\n"; substr($b, 0, 16 + $l) = "" } }';
  expect(
    await sh(
      'cp -r /mnt/watched/tools /tmp && (setsid /tmp/tools/ld.so --library-path /tmp/tools /tmp/tools/perl -e "$1" > /tmp/told 2>&1 < /dev/null &); until grep -q ready /tmp/told; do sleep 0.1; done',
      watching,
    ),
  ).toMatchObject({ exitCode: 0 });
  const told = (count: number): Promise<unknown> =>
    mounts.until('one', (list) => list.some(({ notifications }) => (notifications?.told ?? 0) >= count));
  await writeFile(watched.in('node_modules', 'x'), 'x');
  await writeFile(watched.in('src', 'a'), 'changed');
  await told(1);
  await writeFile(watched.in('src', 'new\nline'), '', { mode: 0o640 });
  await told(2);
  await rm(watched.in('src', 'a'));
  await told(3);
  const seen = await sh('sleep 2; cat /tmp/told');
  expect(seen.stdout).toContain('\na\n');
  expect(seen.stdout).toContain('\nnew\nline\n');
  // It came back here as a change of metadata, and was not told again for that.
  const [mount] = (await mounts.list('one')).filter(({ notifications }) => notifications !== undefined);
  expect(mount?.notifications?.told).toBeLessThanOrEqual(12);
  expect((await stat(watched.in('src', 'new\nline'))).mode & 0o777).toBe(0o640);
  await sh('rm -r /tmp/tools; pkill perl');
  await mounts.remove('one', '/mnt/watched');
  expect(
    execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' })
      .split('\n')
      .filter((line) => line.includes(watched.path)),
  ).toEqual([]);
});

test('FIFOs, sockets and devices of the folder lead nowhere', async () => {
  await expectNoWayOut(sharing(), folder);
});

test('an unmount leaves nothing in the guest and nothing here', async () => {
  expect(await mounts.remove('one')).toHaveLength(1);
  expect(await sh('ls; sudo ls /run/berth; grep berth- /proc/mounts; ps | grep "[s]shfs "')).toMatchObject({
    stdout: 'sneaky\n',
  });
  expect(await mounts.list('one')).toEqual([]);
  expect(
    execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' })
      .split('\n')
      .filter((line) => line.includes(folder.path)),
  ).toEqual([]);
  expect((await readdir(`${helper.stateDirectory}/profiles`)).filter((name) => name.includes('share-server'))).toEqual(
    [],
  );
  await expect(mounts.remove('one', 'shared')).rejects.toMatchObject({ data: { code: 'mount.not-found' } });
});
