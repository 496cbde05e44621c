// SPDX-License-Identifier: MIT
import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { instanceName } from '#contract/names.ts';
import { runInGuest } from '../../bench/lib/guest.ts';
import type { HelperConnection } from '../../client/helper-connection.ts';
import { copyProgram } from '../support/copy-program.ts';
import { genericKernelImages } from '../support/generic-kernel-image.ts';
import { startHelper, type HelperProcess } from '../support/helper-process.ts';
import { InstanceClient } from '../support/instance-client.ts';
import { MountClient } from '../support/mount-client.ts';
import { SharedFolder } from '../support/shared-folder.ts';

/** Suites of others over 9p, and what takes long to be noticed. Needs fio and stress-ng. */
const name = instanceName.parse('one');
const run = (program: string): string => `/opt/tools/ld.so --library-path /opt/tools /opt/tools/${program}`;
/** Of stress-ng(1), class filesystem, as in suites.test.ts but for xattr, which neither 9p nor sshfs has. */
const stressors = [
  'access',
  'chdir',
  'chmod',
  'dentry',
  'dir',
  'dirmany',
  'fallocate',
  'fcntl',
  'filename',
  'flock',
  'fstat',
  'getdent',
  'hdd',
  'io',
  'link',
  'lockf',
  'open',
  'rename',
  'seek',
  'symlink',
  'touch',
  'utime',
];

let helper: HelperProcess;
let connection: HelperConnection;
let mounts: MountClient;
let folder: SharedFolder;
let images: string;

const guest = (line: string): Promise<string> => runInGuest(connection, name, line);

beforeAll(async () => {
  images = await genericKernelImages(await mkdtemp(path.join(tmpdir(), 'berth-images-')), {
    more: ['9p', '9pnet_fd'],
    less: ['virtiofs'],
  });
  helper = await startHelper({ seedImages: images });
  connection = await helper.connect();
  mounts = new MountClient(connection, '9p');
  expect(await new InstanceClient(connection).launch('one')).toMatchObject({ state: 'succeeded' });
  folder = await SharedFolder.create();
  for (const program of ['/usr/bin/fio', '/usr/bin/stress-ng']) await copyProgram(program, folder.in('tools'));
  expect(await mounts.add('one', folder.path, { target: '/mnt/nine' })).toMatchObject({
    state: 'connected',
    transport: '9p',
  });
  await guest('mkdir -p /opt && mv /mnt/nine/tools /opt/tools && mkdir /mnt/nine/stress');
}, 180_000);
afterAll(async () => {
  await helper?.stop();
  await folder?.[Symbol.asyncDispose]();
  await rm(images, { recursive: true, force: true });
});

test.each(stressors)(
  'stress-ng %s passes',
  async (stressor) => {
    await guest(
      `cd /mnt/nine/stress && timeout 60 ${run('stress-ng')} --temp-path . --${stressor} 1 --timeout 2 --verify > /tmp/said 2>&1 || { cat /tmp/said >&2; exit 1; }`,
    );
  },
  240_000,
);

test.each(['psync', 'mmap'])(
  'fio writes at random by %s and finds it all again',
  async (engine) => {
    await guest(
      `cd /mnt/nine && ${run('fio')} --name=v --directory=. --size=8M --rw=randrw --bsrange=4k-64k --verify=crc32c --verify_fatal=1 --ioengine=${engine} --fsync_on_close=1 > /tmp/said 2>&1 || { cat /tmp/said >&2; exit 1; }; rm v.0.0`,
    );
  },
  240_000,
);

test('an unmount by somebody in the guest is noticed, and mended', async () => {
  await writeFile(folder.in('f'), 'here');
  await guest('umount /mnt/nine');
  await mounts.until('one', (list) => list.some(({ reconnects }) => reconnects === 1));
  expect(await mounts.untilConnected('one')).toMatchObject([
    { transport: '9p', lastError: { error: { params: { reason: 'the guest has it no more' } } } },
  ]);
  expect(await guest('cat /mnt/nine/f')).toBe('here');
});

test('a cut link is noticed; who waits in the guest is let go, and the folder is back', async () => {
  const { id } = JSON.parse(await readFile(`${helper.stateDirectory}/instances/one/instance.json`, 'utf8')) as {
    id: string;
  };
  await guest(
    '(exec 3>> /mnt/nine/ticks; while echo tick >&3; do sleep 0.1; done; echo over > /run/cut) > /dev/null 2>&1 &',
  );
  while (
    !(await stat(folder.in('ticks')).then(
      ({ size }) => size > 0,
      () => false,
    ))
  )
    await delay(50); // it is under way
  execFileSync('ip', ['link', 'set', `tap-${id}`, 'down']);
  await mounts.until('one', (list) => list.every(({ state }) => state !== 'connected' && state !== 'degraded'));
  execFileSync('ip', ['link', 'set', `tap-${id}`, 'up']);
  await mounts.untilConnected('one');
  expect(
    await guest(
      'until [ -e /run/cut ]; do sleep 0.1; done; cat /mnt/nine/f; grep -c "^berth-.* 9p " /proc/mounts; ps | grep -c "[f]lock /run/berth"',
    ),
  ).toBe('here1\n1\n');
}, 180_000);
