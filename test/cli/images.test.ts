// SPDX-License-Identifier: MIT
import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { catalogueEntry, imageRemote, imageSettings, vaultImage, type VaultImage } from '#contract/images.ts';
import { startHelper, type HelperProcess } from '../support/helper-process.ts';
import { ImageServer } from '../support/image-server.ts';
import { digest, putSimplestreams } from '../support/image-trees.ts';
import { runBerth } from './run-berth.ts';

let helper: HelperProcess;
let server: ImageServer;
let room: string;
let image: Buffer;

beforeAll(async () => {
  room = await mkdtemp(path.join(tmpdir(), 'berth-cli-images-'));
  for (const [name, size] of [
    ['new', '2M'],
    ['old', '1M'],
    ['own', '3M'],
  ] as const)
    execFileSync('qemu-img', ['create', '-q', '-f', 'qcow2', path.join(room, name), size]);
  image = await readFile(path.join(room, 'new'));
  server = await ImageServer.start();
  putSimplestreams(server, '', [
    {
      version: '24.04',
      codename: 'noble',
      aliases: 'lts',
      builds: { '20260301': { ftype: 'disk1.img', path: 'new.img', content: image } },
    },
    {
      version: '9.10',
      codename: 'karmic',
      aliases: 'karmic',
      isSupported: false,
      builds: { '1': { ftype: 'disk1.img', path: 'old.img', content: await readFile(path.join(room, 'old')) } },
    },
  ]);
  helper = await startHelper({ seedImages: false });
});
afterAll(async () => {
  await helper?.stop();
  await server?.close();
  await rm(room, { recursive: true });
});

const berth = (...args: string[]) => runBerth(helper.runDirectory, args);
const printed = async (...args: string[]): Promise<string> => {
  const { exitCode, stdout, stderr } = await berth(...args);
  expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 });
  return stdout.toString();
};
const vault = async (): Promise<readonly VaultImage[]> =>
  z.object({ vault: z.array(vaultImage) }).parse(JSON.parse(await printed('images', 'list', '--format', 'json'))).vault;

test('settings replace the remotes, and are checked', async () => {
  const builtIn = z
    .array(imageRemote)
    .parse(JSON.parse(await printed('images', 'remotes', '--format', 'json')))
    .map(({ name }) => name);
  expect(builtIn).toEqual(
    expect.arrayContaining(['ubuntu', 'debian', 'fedora', 'alpine', 'rocky', 'almalinux', 'opensuse', 'arch']),
  );
  const wanted = {
    remotes: [
      { name: 'local', url: server.url },
      { name: 'broken', title: 'Broken', url: `${server.url}nothing/` },
    ],
    disabled: builtIn,
  };
  expect(
    await runBerth(helper.runDirectory, ['images', 'settings', '--set', '-'], { input: JSON.stringify(wanted) }),
  ).toMatchObject({ exitCode: 0 });
  expect(imageSettings.parse(JSON.parse(await printed('images', 'settings')))).toEqual(imageSettings.parse(wanted));
  expect(
    await runBerth(helper.runDirectory, ['images', 'settings', '--set', '-'], {
      input: '{"remotes": [{"name": "x", "url": "ftp://x"}]}',
    }),
  ).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('remotes.0.url') });
});

test('find shows what is supported; all of it when asked; and a remote that fails hides no other', async () => {
  const shown = await berth('find', 'local:');
  expect(shown).toMatchObject({
    exitCode: 0,
    stderr: expect.stringContaining('Could not reach the image source broken'),
  });
  expect(shown.stdout.toString()).toMatch(
    /^IMAGE .*\nlocal:24\.04 +lts, noble.* 20260301 +Ubuntu 24\.04 .* https +no\n$/,
  );
  expect(await printed('find', 'local:', '--all')).toContain('local:9.10');
  expect(z.array(catalogueEntry).parse(JSON.parse(await printed('find', 'lts', '--format', 'json')))).toMatchObject([
    { alias: 'local:24.04', verification: 'https', downloadBytes: image.length },
  ]);
  expect(await berth('find', 'no-such')).toMatchObject({
    exitCode: 4,
    stderr: expect.stringContaining('nothing fits no-such'),
  });
  const remotes = await printed('images', 'remotes');
  expect(remotes).toMatch(/^local .* ok /m);
  expect(remotes).toMatch(/^broken .* image\.remote-unreachable /m);
  expect(remotes).toMatch(/^ubuntu .* disabled /m);
});

test('a launch whose image cannot be had leaves no instance', async () => {
  server.misbehave('new.img', { kind: 'status', status: 404 });
  expect(await berth('launch', 'local:lts', '--name', 'web', '--without-apparmor')).toMatchObject({
    exitCode: 1,
    stderr: expect.stringMatching(/the server answered 404.*\[image\.download-failed\]/s),
  });
  expect(await printed('list', '--format', 'json')).toBe('[]\n');
  server.behave();
});

test('an image is fetched, found by the beginning of its digest, and marked as cached', async () => {
  expect(await berth('images', 'fetch', 'local:lts')).toMatchObject({ exitCode: 0 });
  expect(await printed('find', 'local:')).toMatch(/https +yes\n$/);
  const [fetched] = await vault();
  expect(fetched).toMatchObject({
    aliases: ['local:24.04'],
    origin: 'remote',
    version: '20260301',
    verification: 'https',
    expiresAt: expect.any(String),
  });
  const table = await printed('images');
  expect(table).toContain(fetched?.fingerprint.slice(0, 12));
  expect(table).toContain(fetched?.expiresAt?.slice(0, 10));
  expect(await berth('images', 'verify', fetched?.fingerprint.slice(0, 8) ?? '')).toMatchObject({ exitCode: 0 });
});

test('the format and the packing of a file are found, and what is no disk is refused by name', async () => {
  const file = (name: string): string => path.join(room, name);
  execFileSync('qemu-img', ['convert', '-O', 'vmdk', '-o', 'subformat=streamOptimized', file('own'), file('one.vmdk')]);
  for (const format of ['vdi', 'vhdx'])
    execFileSync('qemu-img', ['convert', '-O', format, file('own'), file(`one.${format}`)]);
  const plain = Buffer.alloc(1024 ** 2);
  plain.set([0x55, 0xaa], 510);
  await writeFile(file('plain'), plain);
  for (const [program, tail] of [
    ['xz', 'xz'],
    ['gzip', 'gz'],
    ['bzip2', 'bz2'],
    ['zstd', 'zst'],
  ] as const)
    await writeFile(file(`plain.${tail}`), execFileSync(program, ['-c', file('plain')]));
  for (const name of [
    'own',
    'one.vmdk',
    'one.vdi',
    'one.vhdx',
    'plain',
    'plain.xz',
    'plain.gz',
    'plain.bz2',
    'plain.zst',
  ]) {
    expect([name, await berth('images', 'import', file(name), '--alias', 'found')]).toMatchObject([
      name,
      { exitCode: 0, stderr: '' },
    ]);
  }
  await berth('images', 'remove', 'found');
  await writeFile(file('notes.img'), 'these are no disk\n'.repeat(100));
  expect(await berth('images', 'import', file('notes.img'), '--alias', 'x')).toMatchObject({
    exitCode: 5,
    stderr: expect.stringContaining('it is text, not a disk'),
  });
  const sum = digest('sha256', plain);
  expect(
    await berth('images', 'import', file('plain'), '--alias', 'found', '--sha256', sum.toUpperCase()),
  ).toMatchObject({ exitCode: 0 });
  const [found] = (await vault()).filter(({ aliases }) => aliases.includes('found' as never));
  expect(await berth('images', 'remove', found?.fingerprint.toUpperCase() ?? '')).toMatchObject({ exitCode: 0 });
}, 240_000);

test('launch imports a file or a URL first; a disk smaller than its own is refused, and leaves no instance', async () => {
  execFileSync('qemu-img', ['create', '-q', '-f', 'qcow2', path.join(room, 'Big Disk.qcow2'), '2G']);
  server.put('big.img', await readFile(path.join(room, 'Big Disk.qcow2')));
  for (const [place, alias] of [
    [path.join(room, 'Big Disk.qcow2'), 'big-disk'],
    [`file://${room}/Big%20Disk.qcow2`, 'big-disk'],
    [`${server.url}big.img`, 'big'],
  ] as const) {
    const result = await berth('launch', place, '--without-apparmor', '--name', 'big', '--disk', '1G');
    expect(result).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining(`A disk of 1 GiB is too small for ${alias}, which needs 2 GiB.`),
    });
    expect(result.stderr).toContain(`Imported as ${alias}`);
    expect(await printed('list', '--format', 'json')).toBe('[]\n');
  }
  expect(
    (
      await berth('launch', path.join(room, 'Big Disk.qcow2'), '--without-apparmor', '--name', 'big', '--no-wait')
    ).stdout.toString(),
  ).toBe('big\n');
  expect(await berth('delete', '--purge', 'big')).toMatchObject({ exitCode: 0 });
  expect(await berth('launch', '/no/such/disk.img')).toMatchObject({
    exitCode: 5,
    stderr: expect.stringContaining('[image.source-denied]'),
  });
  for (const alias of ['big', 'big-disk']) await berth('images', 'remove', alias);
}, 240_000);

test('a file and a URL are imported, with the digest said or not', async () => {
  expect(
    await printed(
      'images',
      'import',
      path.join(room, 'own'),
      '--format',
      'qcow2',
      '--alias',
      'own',
      '--title',
      'My own',
    ),
  ).toBe('');
  server.put('far.img', await readFile(path.join(room, 'own')));
  expect(
    await berth(
      'images',
      'import',
      `${server.url}far.img`,
      '--format',
      'qcow2',
      '--alias',
      'far',
      '--sha512',
      digest('sha512', image),
    ),
  ).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('[image.checksum-mismatch]') });
  expect(await berth('images', 'import', `${server.url}far.img`, '--format', 'qcow2', '--alias', 'far')).toMatchObject({
    exitCode: 0,
  });
  expect((await vault()).flatMap(({ aliases }) => aliases)).toEqual(expect.arrayContaining(['own', 'far']));
});

test('a pinned image stays, others go when asked, and what is gone is not found', async () => {
  expect(await printed('images', 'pin', 'local:24.04')).toBe('');
  expect(await printed('images', 'prune')).toBe('0 images removed, 0 B freed\n');
  // what was asked for just now is kept for a minute
  expect(await printed('images', 'prune', '--all')).toMatch(/^[01] images? removed/);
  expect((await vault()).map(({ aliases }) => aliases[0])).toContain('local:24.04');
  expect(await printed('images', 'list')).toContain('pinned');
  expect(await printed('images', 'pin', '--remove', 'local:24.04')).toBe('');
  expect(await printed('images', 'remove', 'local:24.04')).toBe('');
  expect(await berth('images', 'remove', 'local:24.04')).toMatchObject({
    exitCode: 4,
    stderr: expect.stringContaining('[image.not-found]'),
  });
});
