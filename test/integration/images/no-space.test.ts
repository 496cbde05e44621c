// SPDX-License-Identifier: MIT
import { execFile } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { imageImportParams, imageImportUrlParams, type ImportFormat, type Packing } from '../../../contract/images.ts';
import { assetsDirectory } from '../../../native-helper/core/assets.ts';
import { LocalImages } from '../../../native-helper/images/local-images.ts';
import { LocalProcessRunner } from '../../../native-helper/process/runner.ts';
import { Files } from '../../../native-helper/store/files.ts';
import { ImageServer } from '../../support/image-server.ts';
import { operationContext } from '../../support/operation-context.ts';

const mebibyte = 1024 ** 2;
/** 64 MiB are left to others, so these are 40 MiB for the vault. */
const smallMebibytes = 104;
const run = promisify(execFile);
let directory = '';
let small = '';
let isMounted = false;
let files: Files;
let vault: LocalImages;
let server: ImageServer;

beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'berth-no-space-'));
  await chmod(directory, 0o755);
  small = path.join(directory, 'small');
  await mkdir(small);
  await run('mount', ['-t', 'tmpfs', '-o', `size=${smallMebibytes}m,mode=0755`, 'tmpfs', small]);
  isMounted = true;
  files = new Files(path.join(small, 'state'), path.join(directory, 'run'));
  await mkdir(files.stateDirectory, { mode: 0o711 });
  vault = await LocalImages.open({ files, runner: new LocalProcessRunner(), log: pino({ level: 'silent' }), assetsDirectory, tuning: { stallMs: 5000, backOffMs: 5, attempts: 2 } });
  server = await ImageServer.start();
  await writeFile(path.join(directory, 'good.raw'), Buffer.alloc(mebibyte, 'good'));
  await writeFile(path.join(directory, 'large.raw'), Buffer.alloc(60 * mebibyte, 'large'));
  await run('sh', ['-ec', 'cd "$1"; xz -0 -k large.raw; qemu-img convert -c -f raw -O qcow2 large.raw large.qcow2', 'sh', directory]);
});
afterAll(async () => {
  await vault?.settled();
  await server?.close();
  if (isMounted) await run('umount', ['--lazy', small]);
  await rm(directory, { recursive: true, maxRetries: 5 });
});

const importFile = async (name: string, format: ImportFormat, packing: Packing = 'none') =>
  await vault.import(imageImportParams.parse({ path: path.join(directory, name), format, packing, alias: 'mine' }), operationContext());
const importUrl = async () =>
  await vault.importUrl(imageImportUrlParams.parse({ url: `${server.url}mine.img`, format: 'raw', alias: 'mine' }), operationContext());

it.each([
  ['a file that is too large', () => importFile('large.raw', 'raw')],
  ['a packed file that grows too large', () => importFile('large.raw.xz', 'raw', 'xz')],
  ['an image that grows too large', () => importFile('large.qcow2', 'qcow2')],
  ['a download that is too large', async () => {
    server.put('mine.img', { file: path.join(directory, 'large.raw') });
    return await importUrl();
  }],
])('%s is refused, and nothing is left of it', async (_, attempt) => {
  await expect(attempt()).rejects.toMatchObject({ code: 'storage.disk-full' });
  expect([await readdir(files.images), await readdir(files.downloads)]).toEqual([[], []]);
  server.put('mine.img', await readFile(path.join(directory, 'good.raw')));
  for (const good of [importUrl, async () => await importFile('good.raw', 'raw')]) {
    const { image } = await good();
    expect(image.aliases).toEqual(['mine']);
    await vault.remove(image.fingerprint);
  }
});
