// SPDX-License-Identifier: MIT
import { execFileSync } from 'node:child_process';
import { chmod, lstat, mkdtemp, readdir, readFile, rename, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  expectEveryName,
  expectMountByName,
  expectNoWayOut,
  expectReadOnly,
  type Sharing,
} from '../../support/any-transport.ts';
import { expectSuccess } from '../../support/expect-success.ts';
import { genericKernelImages } from '../../support/generic-kernel-image.ts';
import { startHelper, type HelperProcess } from '../../support/helper-process.ts';
import { InstanceClient } from '../../support/instance-client.ts';
import { jailedServer } from '../../support/jailed-server.ts';
import { MountClient } from '../../support/mount-client.ts';
import { oddNames } from '../../support/odd-names.ts';
import { SharedFolder, someUser } from '../../support/shared-folder.ts';
import { signalProcess } from '../../support/signal-process.ts';

/**
 * The guest is tiny with Debian's kernel for all computers: the one for clouds is built without 9p. It has no virtiofs
 * here.
 */
let helper: HelperProcess;
let client: InstanceClient;
let mounts: MountClient;
let folder: SharedFolder;
let images: string;

const sharing = (): Sharing => ({ client, mounts, transport: '9p' });
const sh = (line: string, ...words: readonly string[]): ReturnType<InstanceClient['exec']> =>
  client.exec('one', 'sh', '-c', line, 'sh', ...words);
const root = (line: string): ReturnType<InstanceClient['exec']> => client.exec('one', 'sudo', 'sh', '-c', line);

beforeAll(async () => {
  images = await genericKernelImages(await mkdtemp(path.join(tmpdir(), 'berth-images-')), {
    more: ['9p', '9pnet_fd'],
    less: ['virtiofs'],
  });
  helper = await startHelper({ seedImages: images });
  await connect();
  folder = await SharedFolder.create();
  expectSuccess(await client.launch('one'));
});
afterAll(async () => {
  await helper?.stop();
  await folder?.[Symbol.asyncDispose]();
  await rm(images, { recursive: true, force: true });
});

async function connect(): Promise<void> {
  const connection = await helper.connect();
  client = new InstanceClient(connection);
  mounts = new MountClient(connection, '9p');
}

test('auto is 9p where the guest has neither virtiofs nor sshfs, and says so; with sshfs it is sshfs', async () => {
  expect(await mounts.add('one', folder.path, { type: 'auto', target: '/mnt/auto' })).toMatchObject({
    state: 'connected',
    transport: 'sshfs',
    fallback: { code: 'mount.no-virtiofs' },
  });
  await mounts.remove('one', '/mnt/auto');
  expect(await root('mv /usr/bin/sshfs /usr/bin/sshfs.away')).toMatchObject({ exitCode: 0 });
  expect(await mounts.add('one', folder.path, { type: 'auto' })).toMatchObject({
    state: 'connected',
    type: 'auto',
    transport: '9p',
    target: '/home/berth/shared',
    fallback: { code: 'mount.no-sshfs' },
  });
  expect(
    await sh('grep -c "^berth-[0-9a-f]*[.][0-9a-f]* /home/berth/shared 9p rw,.*nosuid,nodev" /proc/mounts'),
  ).toMatchObject({ stdout: '1\n' });
});

test('owners are not mapped, and that is said before anything is noted', async () => {
  await expect(
    mounts.add('one', folder.path, { target: '/mnt/x', uidMaps: [{ host: 0, guest: 1000 }] }),
  ).rejects.toMatchObject({
    data: { code: 'mount.type-refused', params: { reason: expect.stringContaining('sshfs') as string } },
  });
  expect(await mounts.list('one')).toHaveLength(1);
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
  expect(await root('echo x > /home/berth/shared/by-root && stat -c %U /home/berth/shared/by-root')).toMatchObject({
    stdout: 'berth\n',
    stderr: '',
  });
  const made = await stat(folder.in('by-root'));
  expect([made.uid, made.gid]).toEqual([process.getuid?.(), process.getgid?.()]);
});

test('a change on the host is read whole at once, by who holds the file open too', async () => {
  await writeFile(folder.in('grows'), 'abc');
  const held = sh(
    'exec 3< shared/grows; cat <&3; echo ready > shared/ready; until [ -e shared/go ]; do sleep 0.1; done; cat <&3; cat shared/grows; stat -c %s shared/grows',
  );
  while (
    !(await lstat(folder.in('ready')).then(
      () => true,
      () => false,
    ))
  )
    await delay(50);
  await writeFile(folder.in('grows'), 'abcdefghijklmnopqrst');
  await writeFile(folder.in('go'), '');
  expect(await held).toMatchObject({ stdout: 'abcdefghijklmnopqrstabcdefghijklmnopqrst20\n', stderr: '' });
  await rm(folder.in('go'));
  expect(await sh('ls shared/go; : > shared/go; ls shared/go')).toMatchObject({ stdout: 'shared/go\n' });
});

test('delete, rename, permissions and links go both ways, and so do files that are mapped', async () => {
  expect(
    await sh(
      'cd shared && touch a.txt && mkdir d && echo 1 > d/f && mv d/f d/g && chmod 640 d/g && ln -s g d/link && ln d/g d/hard && rm a.txt b.txt by-root grows ready go',
    ),
  ).toMatchObject({ exitCode: 0, stderr: '' });
  expect((await readdir(folder.in('d'))).sort()).toEqual(['g', 'hard', 'link']);
  expect((await stat(folder.in('d', 'g'))).mode & 0o777).toBe(0o640);
  expect(await readdir(folder.path)).toEqual(['d']);
  await rename(folder.in('d', 'g'), folder.in('d', 'h'));
  await chmod(folder.in('d', 'h'), 0o755);
  await rm(folder.in('d', 'link'));
  await symlink('h', folder.in('d', 'back'));
  expect(
    await sh(
      'cd shared/d && stat -c "%n %a" h && readlink back && cat back; cp /bin/busybox . && ./busybox echo runs && truncate -s 3 h && stat -c %s h; rm -r ../d',
    ),
  ).toMatchObject({ stdout: 'h 755\nh\n1\nruns\n3\n', stderr: '' });
  expect(await readdir(folder.path)).toEqual([]);
});

test('an open file that is renamed goes on, and one that is removed is still read and written', async () => {
  expect(
    await sh(
      'cd shared; exec 3<> f; echo one >&3; mv f g; echo two >&3; stat -c %s /proc/self/fd/3 g; rm g; echo three >&3; exec 4< /dev/null; ls',
    ),
  ).toMatchObject({ stdout: expect.stringContaining('8\n') as string });
  expect(await readdir(folder.path)).toEqual([]);
});

test("what is not the caller's is neither readable nor writable, for the guest's root too", async () => {
  await using mixed = await SharedFolder.create('mixed', someUser);
  await chmod(mixed.path, 0o755);
  await writeFile(mixed.in('closed'), 'x', { mode: 0o600 });
  execFileSync('chown', [`${someUser.uid}`, mixed.in('closed')]);
  expect(await mounts.add('one', mixed.path, { target: '/mnt/mixed', isNotifying: true })).toMatchObject({
    state: 'connected',
    transport: '9p',
    notifications: { reason: { code: 'mount.not-watched' } },
  });
  for (const line of [
    'cat /mnt/mixed/closed',
    'echo x > /mnt/mixed/closed',
    'echo x > /mnt/mixed/new',
    'chmod 777 /mnt/mixed/closed',
    'rm -f /mnt/mixed/closed',
    'mknod /mnt/mixed/null c 1 3',
    'mkfifo /mnt/mixed/fifo',
  ]) {
    expect([line, (await root(line)).exitCode]).not.toEqual([line, 0]);
  }
  expect(await root('stat -c "%u" /mnt/mixed/closed')).toMatchObject({ stdout: '65534\n' });
  expect(await readdir(mixed.path)).toEqual(['closed']);
  await mounts.remove('one', '/mnt/mixed');
});

test("no link leads out, and FIFOs, sockets and devices are the guest's own", async () => {
  await expectNoWayOut(sharing(), folder);
});

test("read-only is read-only, for the guest's root too", async () => {
  await expectReadOnly(sharing());
});

test('every name goes through as it is, as source, target and content', async () => {
  await expectEveryName(sharing(), folder);
  await expectMountByName(sharing(), oddNames[1]! + oddNames[3]! + oddNames[6]!);
  expect(await sh('rm shared/*')).toMatchObject({ exitCode: 0 });
});

test('a killed server is back without a hand, and who waited for it gets an error', async () => {
  const before = jailedServer(folder.path, 'diod').outer;
  // It holds the file open: by its name it would come to the folder that lies below the mount.
  await root(
    '(exec 3>> /home/berth/shared/ticks; while echo tick >&3; do sleep 0.1; done; echo over > /run/over) > /dev/null 2>&1 &',
  );
  while (
    !(await stat(folder.in('ticks')).then(
      ({ size }) => size > 0,
      () => false,
    ))
  )
    await delay(50); // it is under way
  signalProcess(before, 'SIGKILL', { group: true });
  await mounts.until('one', (list) => list.some(({ state }) => state !== 'connected'));
  expect(await mounts.untilConnected('one')).toMatchObject([
    { transport: '9p', reconnects: 1, lastError: { error: { code: 'mount.server-ended' } } },
  ]);
  expect(
    await sh('until [ -e /run/over ]; do sleep 0.1; done; echo back > shared/f; grep -c "^berth-.* 9p " /proc/mounts'),
  ).toMatchObject({ stdout: '1\n' });
  expect(await readFile(folder.in('f'), 'utf8')).toBe('back\n');
});

test('without a helper the folder is away, and the next one brings it back', async () => {
  await helper.kill9();
  await helper.restart();
  await connect();
  expect(await mounts.untilConnected('one')).toMatchObject([{ transport: '9p' }]);
  expect(await sh('cat shared/f')).toMatchObject({ stdout: 'back\n' });
});

test('after a restart of the guest the folder is there', async () => {
  expectSuccess(await client.run('instances.restart', 'one', { force: true }));
  expect(await mounts.untilConnected('one')).toMatchObject([{ transport: '9p' }]);
  expect(await sh('cat shared/f')).toMatchObject({ stdout: 'back\n' });
});

test('an unmount leaves nothing in the guest and nothing here', async () => {
  expect(await mounts.remove('one')).toHaveLength(1);
  expect(
    await sh(
      'until ! ps | grep -q "[f]lock /run/berth"; do sleep 0.1; done; ls; sudo ls /run/berth; grep berth- /proc/mounts',
    ),
  ).toMatchObject({ stdout: '' });
  expect(
    execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' })
      .split('\n')
      .filter((line) => line.includes(folder.path)),
  ).toEqual([]);
  expect((await readdir(`${helper.stateDirectory}/profiles`)).filter((name) => name.includes('share-server'))).toEqual(
    [],
  );
});
