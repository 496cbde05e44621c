// SPDX-License-Identifier: MIT
import { createHash } from 'node:crypto';
import { chmod, mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { imageImportUrlParams } from '../../../contract/images.ts';
import type { Fingerprint } from '../../../contract/names.ts';
import { assetsDirectory } from '../../../native-helper/core/assets.ts';
import { LocalImages } from '../../../native-helper/images/local-images.ts';
import { LocalProcessRunner } from '../../../native-helper/process/runner.ts';
import { Files } from '../../../native-helper/store/files.ts';
import { ImageServer } from '../../support/image-server.ts';
import { digest } from '../../support/image-trees.ts';
import { operationContext } from '../../support/operation-context.ts';

const runner = new LocalProcessRunner();
const log = pino({ level: 'silent' });
let directory = '';
let files: Files;
let server: ImageServer;
let image: Buffer;

beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'berth-settling-'));
  await chmod(directory, 0o755);
  files = new Files(path.join(directory, 'state'), path.join(directory, 'run'));
  await mkdir(files.stateDirectory, { mode: 0o711 });
  await writeFile(path.join(directory, 'raw'), Buffer.alloc(2 * 1024 ** 2, 'content'));
  await runner.run({ program: 'qemu-img', args: ['convert', '-f', 'raw', '-O', 'qcow2', path.join(directory, 'raw'), path.join(directory, 'qcow2')], confinement: 'none-needed' }, { signal: AbortSignal.timeout(60_000) });
  image = await readFile(path.join(directory, 'qcow2'));
  server = await ImageServer.start();
  server.put('a.qcow2', image);
});
afterEach(async () => {
  await server.close();
  await rm(directory, { recursive: true, maxRetries: 5 });
});

const openVault = async (): Promise<LocalImages> => await LocalImages.open({ files, runner, log, assetsDirectory, tuning: { stallMs: 2000, backOffMs: 20, attempts: 3 } });
const bring = async (vault: LocalImages): Promise<Fingerprint> => (await vault.importUrl(imageImportUrlParams.parse({ url: `${server.url}a.qcow2`, format: 'qcow2', alias: 'mine' }), operationContext())).image.fingerprint;
const stored = async (image: Fingerprint): Promise<Record<string, unknown>> => JSON.parse(await readFile(files.image(image).record, 'utf8')) as Record<string, unknown>;

async function store(image: Fingerprint, change: Readonly<Record<string, unknown>>): Promise<void> {
  const record = { ...await stored(image), ...change };
  await chmod(files.image(image).record, 0o644);
  await writeFile(files.image(image).record, JSON.stringify(record));
}

it('names an image by what its publisher tells of it, and takes the digest of its disk when nobody waits', async () => {
  const vault = await openVault();
  const fingerprint = await bring(vault);
  expect(fingerprint).toBe(digest('sha256', image));
  expect(await stored(fingerprint)).toMatchObject({ diskDigest: null, isSettled: false });
  await vault.settled();
  const settled = await stored(fingerprint);
  expect(settled).toMatchObject({ diskDigest: createHash('sha256').update(await readFile(files.image(fingerprint).disk)).digest('hex') });
  expect(settled).not.toHaveProperty('isSettled');
  expect(settled).not.toHaveProperty('writtenInBoot');
});

it('sees damage of an image that came a moment ago', async () => {
  const vault = await openVault();
  const fingerprint = await bring(vault);
  await vault.verify(fingerprint, operationContext());
  await chmod(files.image(fingerprint).disk, 0o644);
  await writeFile(files.image(fingerprint).disk, 'x', { flag: 'r+' });
  await expect(vault.verify(fingerprint, operationContext())).rejects.toMatchObject({ code: 'image.damaged', params: { image: 'mine' } });
});

it('calls no image damaged whose disk could not be read at first', async () => {
  const vault = await openVault();
  const fingerprint = await bring(vault);
  const { disk } = files.image(fingerprint);
  await rename(disk, `${disk}.away`);
  await vault.settled();
  expect(await stored(fingerprint)).toMatchObject({ diskDigest: null, isSettled: false });
  await expect(vault.verify(fingerprint, operationContext())).rejects.toMatchObject({ code: 'storage.failed', params: { path: disk } });
  await rename(`${disk}.away`, disk);
  await vault.verify(fingerprint, operationContext());
  expect(await stored(fingerprint)).toMatchObject({ diskDigest: createHash('sha256').update(await readFile(disk)).digest('hex') });
});

it('keeps what a helper that ended had just taken in, as long as the computer goes on', async () => {
  const fingerprint = await bring(await openVault());
  const next = await openVault();
  expect(next.find('mine')).toBeDefined();
  await next.settled();
  await next.verify(fingerprint, operationContext());
});

it('does not trust a disk that the computer stopped on, and takes the same image anew beside it', async () => {
  const vault = await openVault();
  const fingerprint = await bring(vault);
  await vault.settled();
  await store(fingerprint, { diskDigest: null, isSettled: false, writtenInBoot: 'of the boot before' });
  const next = await openVault();
  expect(next.find('mine')).toBeUndefined();
  expect(await bring(next)).toBe(fingerprint);
  await next.verify(fingerprint, operationContext());
  expect((await readdir(files.images)).map((name) => name.replace(/\.corrupt-.*/, '.corrupt'))).toEqual([fingerprint, `${fingerprint}.corrupt`]);
  await next.settled();
});

it('removes an image that is not settled yet', async () => {
  const vault = await openVault();
  await vault.remove(await bring(vault));
  await vault.settled();
  expect(await readdir(files.images)).toEqual([]);
});
