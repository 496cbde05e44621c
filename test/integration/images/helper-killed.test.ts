// SPDX-License-Identifier: MIT
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { chmod, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { imageImportParams } from '../../../contract/images.ts';
import { imageAlias } from '../../../contract/names.ts';
import { childrenOf } from '../../support/children.ts';
import { asQcow2, fullDisk } from '../../support/disk-content.ts';
import { expectSuccess } from '../../support/expect-success.ts';
import { startHelper, type HelperProcess } from '../../support/helper-process.ts';
import { ImageServer } from '../../support/image-server.ts';
import { putSimplestreams } from '../../support/image-trees.ts';
import { onlyRemotes } from '../../support/publisher.ts';

let server: ImageServer;
let helper: HelperProcess;
let image: Buffer;
const imagePath = 'release/debian-12.img';
const alias = imageAlias.parse('local:12');

beforeAll(async () => {
  image = await asQcow2(fullDisk(16 * 1024 ** 2));
  server = await ImageServer.start();
  putSimplestreams(server, '', [
    {
      version: '12',
      codename: 'bookworm',
      os: 'debian',
      aliases: 'bookworm',
      builds: { '20260301': { ftype: 'disk1.img', path: imagePath, content: image } },
    },
  ]);
  helper = await startHelper({ seedImages: false });
});
afterAll(async () => {
  await helper?.stop();
  await server?.close();
});

it('goes on after the helper was killed half-way, with what it had', async () => {
  const first = await helper.connect();
  await first.request('images.configure', await onlyRemotes(first, [{ name: 'local', url: server.url }]));
  server.misbehave(imagePath, { kind: 'slow', bytesPerSecond: 4 * 1024 ** 2 });
  await first.request('events.subscribe', {});
  const half = Promise.withResolvers<void>();
  first.onEvent(({ body }) => {
    if (
      body.topic === 'operation.changed' &&
      body.operation.progress?.step === 'download' &&
      (body.operation.progress?.fraction ?? 0) > 0.3
    )
      half.resolve();
  });
  await first.request('images.fetch', { alias });
  await half.promise;
  await helper.kill9();
  server.behave();
  await helper.restart();
  expect(
    (await readdir(path.join(helper.stateDirectory, 'downloads'))).map((name) => path.extname(name)).sort(),
  ).toEqual(['.json', '.partial']);
  const second = await helper.connect();
  const again = await second.request('images.fetch', { alias });
  expectSuccess(await second.request('operations.wait', { id: again.operationId }));
  const range = server.seen.find(({ path: seen }) => seen === `/${imagePath}`)?.range;
  expect(Number(/^bytes=(\d+)-$/.exec(range ?? '')?.[1])).toBeGreaterThan(image.length * 0.2);
  expect(await second.request('images.list', {})).toMatchObject([
    { aliases: [alias], origin: 'remote', version: '20260301' },
  ]);
  expect(await readdir(path.join(helper.stateDirectory, 'downloads'))).toEqual([]);
});

it('takes what works for it along when it is killed, and its next start takes the rest away', async () => {
  const room = await mkdtemp(path.join(tmpdir(), 'berth-killed-'));
  await chmod(room, 0o755);
  try {
    execFileSync('sh', ['-ec', 'cd "$1"; head -c 900M /dev/zero | xz -0 > zeros.raw.xz', 'sh', room]);
    const client = await helper.connect();
    await client.request('events.subscribe', {});
    const unpacking = Promise.withResolvers<void>();
    client.onEvent(({ body }) => {
      if (
        body.topic === 'operation.changed' &&
        body.operation.kind === 'image-import' &&
        body.operation.progress?.step === 'unpack'
      )
        unpacking.resolve();
    });
    await client.request(
      'images.import',
      imageImportParams.parse({ path: path.join(room, 'zeros.raw.xz'), format: 'raw', packing: 'xz', alias: 'zeros' }),
    );
    await unpacking.promise;
    await expect.poll(() => childrenOf(helper.pid).map((pid) => programOf(pid))).toContain('xz');
    const xz = childrenOf(helper.pid).filter((pid) => programOf(pid) === 'xz');
    await helper.kill9();
    await expect.poll(() => xz.map(programOf), { timeout: 5000 }).not.toContain('xz');
    const left = await readdir(path.join(helper.stateDirectory, 'images'));
    expect(left.some((name) => name.startsWith('.new-'))).toBe(true);
    await writeFile(
      path.join(helper.stateDirectory, 'profiles/multipass.import-0badcafe.qemu-img'),
      'profile multipass.import-0badcafe.qemu-img {}\n',
    );
    await helper.restart();
    expect((await readdir(path.join(helper.stateDirectory, 'images'))).filter((name) => name.startsWith('.'))).toEqual(
      [],
    );
    expect(await readdir(path.join(helper.stateDirectory, 'profiles'))).not.toContainEqual(
      expect.stringContaining('import-'),
    );
  } finally {
    await rm(room, { recursive: true });
  }
});

function programOf(pid: string): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'utf8').trim();
  } catch {
    return undefined;
  }
}

it('gives up at its start what nothing used for long', async () => {
  const images = path.join(helper.stateDirectory, 'images');
  const [name = ''] = await readdir(images);
  const record = path.join(images, name, 'image.json');
  const aged = { ...(JSON.parse(await readFile(record, 'utf8')) as object), addedAt: '2020-01-01T00:00:00.000Z' };
  await chmod(record, 0o644);
  await writeFile(record, JSON.stringify(aged));
  await helper.kill9();
  await helper.restart();
  const client = await helper.connect();
  await expect.poll(async () => await client.request('images.list', {}), { timeout: 10_000 }).toEqual([]);
  await expect.poll(async () => await readdir(images), { timeout: 10_000 }).toEqual([]);
});
