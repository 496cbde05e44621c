// SPDX-License-Identifier: MIT
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { imageImportParams, imageImportUrlParams, type ImportFormat, type Packing } from '../../../contract/images.ts';
import type { LocalImages } from '../../../native-helper/images/local-images.ts';
import { ImageRig } from '../../support/image-rig.ts';
import { operationContext } from '../../support/operation-context.ts';

const mebibyte = 1024 ** 2;
/** 64 MiB are left to others, so these are 40 MiB for the vault. */
const smallMebibytes = 104;
const run = promisify(execFile);
let small = '';
let isMounted = false;
let rig: ImageRig;
let vault: LocalImages;

beforeAll(async () => {
  small = await mkdtemp(path.join(tmpdir(), 'berth-no-space-'));
  await run('mount', ['-t', 'tmpfs', '-o', `size=${smallMebibytes}m,mode=0755`, 'tmpfs', small]);
  isMounted = true;
  rig = await ImageRig.start({
    stateDirectory: path.join(small, 'state'),
    tuning: { stallMs: 5000, backOffMs: 5, attempts: 2 },
  });
  vault = await rig.open();
  await writeFile(rig.in('good.raw'), Buffer.alloc(mebibyte, 'good'));
  await writeFile(rig.in('large.raw'), Buffer.alloc(60 * mebibyte, 'large'));
  await run('sh', [
    '-ec',
    'cd "$1"; xz -0 -k large.raw; qemu-img convert -c -f raw -O qcow2 large.raw large.qcow2',
    'sh',
    rig.directory,
  ]);
});
afterAll(async () => {
  await rig?.[Symbol.asyncDispose]();
  if (isMounted) await run('umount', ['--lazy', small]);
  await rm(small, { recursive: true });
});

const importFile = async (name: string, format: ImportFormat, packing: Packing = 'none') =>
  await vault.import(
    imageImportParams.parse({ path: rig.in(name), format, packing, alias: 'mine' }),
    operationContext(),
  );
const importUrl = async () =>
  await vault.importUrl(
    imageImportUrlParams.parse({ url: `${rig.server.url}mine.img`, format: 'raw', alias: 'mine' }),
    operationContext(),
  );

it.each([
  ['a file that is too large', () => importFile('large.raw', 'raw')],
  ['a packed file that grows too large', () => importFile('large.raw.xz', 'raw', 'xz')],
  ['an image that grows too large', () => importFile('large.qcow2', 'qcow2')],
  [
    'a download that is too large',
    async () => {
      rig.server.put('mine.img', { file: rig.in('large.raw') });
      return await importUrl();
    },
  ],
])('%s is refused, and nothing is left of it', async (_, attempt) => {
  await expect(attempt()).rejects.toMatchObject({ code: 'storage.disk-full' });
  expect([await readdir(rig.files.images), await readdir(rig.files.downloads)]).toEqual([[], []]);
  rig.server.put('mine.img', await readFile(rig.in('good.raw')));
  for (const good of [importUrl, async () => await importFile('good.raw', 'raw')]) {
    const { image } = await good();
    expect(image.aliases).toEqual(['mine']);
    await vault.remove(image.fingerprint, { uid: 0 });
  }
});
