// SPDX-License-Identifier: MIT
// A folder on a file system in user space that its user mounted for himself: without allow_other root is kept out by
// the kernel.
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmod, chown, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { expectSuccess } from '../../support/expect-success.ts';
import { genericKernelImages } from '../../support/generic-kernel-image.ts';
import { startHelper, type HelperProcess } from '../../support/helper-process.ts';
import { InstanceClient } from '../../support/instance-client.ts';
import { MountClient } from '../../support/mount-client.ts';
import { connectAs, forMembers, mia } from '../../support/people.ts';
import { SharedFolder } from '../../support/shared-folder.ts';

const execute = promisify(execFile);

/** Mounts of its own, in which everyone may use FUSE and mia has a name, as fusermount3(1) wants it. */
const ownMounts = `set -e
mount -t tmpfs tmpfs "$1"
mknod -m 666 "$1/fuse" c 10 229
mount --bind "$1/fuse" /dev/fuse
{ cat /etc/passwd; echo "mia:x:$2:$3::/:/bin/sh"; } > "$1/passwd"
mount --bind "$1/passwd" /etc/passwd
echo ready
exec cat`;

/** The kernel for clouds, which tiny has, is built without 9p. */
let images: string;
let place: SharedFolder;
let keeper: ChildProcess;
let helper: HelperProcess;
let client: InstanceClient;
let mounts: MountClient;

/** What is put before a command to run it beside the helper; as mia with a name in front of it. */
const within = (): readonly string[] => ['nsenter', `--mount=/proc/${keeper.pid ?? 0}/ns/mnt`, '--'];
async function run(...command: readonly string[]): Promise<string> {
  const [program = '', ...args] = [...within(), ...command];
  return (await execute(program, args)).stdout;
}
const asMia = ['setpriv', '--reuid', String(mia.uid), '--regid', String(mia.gid), '--clear-groups', '--'];

beforeAll(async () => {
  place = await SharedFolder.create('place');
  for (const name of ['files', 'seen']) {
    await mkdir(place.beside(name), { mode: 0o700 });
    await chown(place.beside(name), mia.uid, mia.gid);
  }
  keeper = spawn(
    'unshare',
    ['--mount', '--propagation', 'private', 'sh', '-c', ownMounts, 'sh', place.path, String(mia.uid), String(mia.gid)],
    { stdio: ['pipe', 'pipe', 'inherit'] },
  );
  if (keeper.stdout) await once(keeper.stdout, 'data');
  await run(...asMia, 'bindfs', '--no-allow-other', place.beside('files'), place.beside('seen'));
  images = await genericKernelImages(await mkdtemp(path.join(tmpdir(), 'berth-images-')), {
    more: ['9p', '9pnet_fd'],
    less: [],
  });
  helper = await startHelper({ args: forMembers, within: within(), seedImages: images });
  const connection = await connectAs(mia, helper.runDirectory);
  expectSuccess(await new InstanceClient(connection).launch('one'));
  mounts = new MountClient(connection);
  // a stream is opened by who asked for it, and this process is root
  client = new InstanceClient(await helper.connect());
});
afterAll(async () => {
  await helper?.stop();
  await run('umount', '--lazy', place.beside('seen'));
  const ended = once(keeper, 'exit');
  keeper.stdin?.end();
  await ended;
  await place[Symbol.asyncDispose]();
  await rm(images, { recursive: true, force: true });
});

test('root is kept out of it', async () => {
  await expect(run('ls', place.beside('seen'))).rejects.toThrow(/Permission denied/);
  expect(await run(...asMia, 'ls', place.beside('seen'))).toBe('');
});

test.each(['sshfs', 'virtiofs', '9p'] as const)("%s shares it with its user's rights", async (type) => {
  expect(await mounts.add('one', place.beside('seen'), { type, target: '/mnt/own' })).toMatchObject({
    state: 'connected',
    transport: type,
  });
  await writeFile(path.join(place.beside('files'), 'from-host'), type);
  await chown(path.join(place.beside('files'), 'from-host'), mia.uid, mia.gid);
  const there = await client.exec(
    'one',
    'sh',
    '-c',
    'cat /mnt/own/from-host && echo "$1" > /mnt/own/from-guest',
    'sh',
    type,
  );
  expect(there).toMatchObject({ exitCode: 0, stdout: type, stderr: '' });
  expect(await readFile(path.join(place.beside('files'), 'from-guest'), 'utf8')).toBe(`${type}\n`);
  await mounts.remove('one', '/mnt/own');
  expect((await client.exec('one', 'test', '-e', '/mnt/own/from-guest')).exitCode).toBe(1);
});

test('one that its user closed to himself is refused with the reason', async () => {
  await mkdir(path.join(place.beside('files'), 'closed'), { mode: 0o700 });
  await chown(path.join(place.beside('files'), 'closed'), 0, 0);
  await chmod(path.join(place.beside('files'), 'closed'), 0o700);
  await expect(
    mounts.add('one', path.join(place.beside('seen'), 'closed'), { target: '/mnt/own' }),
  ).rejects.toMatchObject({
    data: { code: 'mount.source-denied', params: { reason: 'Permission denied' } },
  });
});
