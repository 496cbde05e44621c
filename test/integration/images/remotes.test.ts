// SPDX-License-Identifier: MIT
import { chmod, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { imageSettings, type ImageRemote } from '../../../contract/images.ts';
import { assetsDirectory } from '../../../native-helper/core/assets.ts';
import { LocalImages } from '../../../native-helper/images/local-images.ts';
import { LocalProcessRunner } from '../../../native-helper/process/runner.ts';
import { Files } from '../../../native-helper/store/files.ts';
import { ImageServer } from '../../support/image-server.ts';
import { digest, listPath, putSimplestreams } from '../../support/image-trees.ts';
import { operationContext } from '../../support/operation-context.ts';

const runner = new LocalProcessRunner();
const log = pino({ level: 'silent' });
const signal = AbortSignal.timeout(600_000);
const mebibyte = 1024 ** 2;
const disabled = ['ubuntu', 'ubuntu-daily', 'debian', 'fedora', 'alpine', 'rocky', 'almalinux', 'opensuse', 'arch'];
let server: ImageServer;
let rawContent: Buffer;
let image: Buffer;
let older: Buffer;
let directory = '';
let files: Files;
let vault: LocalImages;

beforeAll(async () => {
  const room = await mkdtemp(path.join(tmpdir(), 'berth-remote-images-'));
  rawContent = Buffer.alloc(8 * mebibyte);
  for (let at = 0; at < rawContent.length; at += 4096) rawContent.writeUInt32LE(Math.imul(at + 1, 2654435761) >>> 0, at);
  image = await makeQcow2(room, rawContent);
  older = await makeQcow2(room, rawContent.subarray(0, 4 * mebibyte));
  await rm(room, { recursive: true });
  server = await ImageServer.start();
});
afterAll(async () => { await server.close(); });

beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'berth-remotes-'));
  await chmod(directory, 0o755);
  files = new Files(path.join(directory, 'state'), path.join(directory, 'run'));
  await runner.run({ program: 'sh', args: ['-c', 'mkdir -m 0711 "$1"', 'sh', files.stateDirectory], confinement: 'none-needed' }, { signal });
  server.behave();
  putSimplestreams(server, 'ubuntu/', [
    { version: '24.04', codename: 'noble', aliases: '24.04,n,noble,lts,default', builds: {
      '20260201': { ftype: 'disk1.img', path: 'server/releases/noble/release-20260201/noble.img', content: older },
      '20260301': { ftype: 'disk1.img', path: 'server/releases/noble/release-20260301/noble.img', content: image },
    } },
    { version: '12.10', codename: 'quantal', aliases: '12.10,q,quantal', isSupported: false, builds: { '20120101': { ftype: 'disk1.img', path: 'server/releases/quantal/q.img', content: older } } },
  ]);
  vault = await openVault();
  await configure();
});
afterEach(async () => {
  await rm(directory, { recursive: true, maxRetries: 5 });
});

const openVault = async (): Promise<LocalImages> => await LocalImages.open({ files, runner, log, assetsDirectory, tuning: { stallMs: 5000, backOffMs: 5, attempts: 3 } });
const imagePath = 'ubuntu/server/releases/noble/release-20260301/noble.img';

const asked = (): readonly ImageRemote[] => vault.remotes().filter(({ isDisabled }) => isDisabled !== true);

async function configure(more: Readonly<Record<string, unknown>> = {}): Promise<void> {
  await vault.configure(imageSettings.parse({ remotes: [{ name: 'local', url: `${server.url}ubuntu` }], disabled, ...more }));
}

async function makeQcow2(room: string, content: Buffer): Promise<Buffer> {
  const raw = path.join(room, 'raw');
  const file = path.join(room, 'qcow2');
  await writeFile(raw, content);
  await runner.run({ program: 'qemu-img', args: ['convert', '-f', 'raw', '-O', 'qcow2', raw, file], confinement: 'none-needed' }, { signal });
  return await readFile(file);
}

async function expectNothingLeft(): Promise<void> {
  expect(await readdir(files.images)).toEqual([]);
  expect(await readdir(files.downloads)).toEqual([]);
}

async function expectWorksNow(): Promise<void> {
  server.behave();
  const { image: fetched } = await vault.ensure('local:24.04', operationContext());
  expect(fetched.virtualBytes).toBe(8 * mebibyte);
  expect(await readdir(files.downloads)).toEqual([]);
}

describe('a simplestreams remote', () => {
  it('offers the newest build of each release, and finds it by every word and by its digest', async () => {
    await vault.refresh(0, operationContext());
    expect(asked()).toMatchObject([{ name: 'local', kind: 'simplestreams', entries: 2, verification: 'https' }]);
    const entries = vault.catalogue().filter(({ remote }) => remote === 'local');
    expect(entries.map(({ alias, version, isSupported }) => [alias, version, isSupported])).toEqual([['local:24.04', '20260301', undefined], ['local:12.10', '20120101', false]]);
    expect(entries[0]).toMatchObject({ downloadBytes: image.length, os: 'ubuntu', release: '24.04', words: expect.arrayContaining(['noble', 'lts', 'ubuntu', 'ubuntu-24.04']) });
    const first = await vault.ensure('noble', operationContext());
    for (const word of ['ubuntu', 'lts', 'local:noble', '24.04', digest('sha256', image).slice(0, 12)]) expect((await vault.ensure(word, operationContext())).diskPath).toBe(first.diskPath);
    await expect(vault.ensure('quantal', operationContext())).rejects.toMatchObject({ code: 'image.unsupported-release' });
    await expect(vault.ensure('nowhere:24.04', operationContext())).rejects.toMatchObject({ code: 'image.remote-not-found' });
    await expect(vault.ensure('warty', operationContext())).rejects.toMatchObject({ code: 'image.not-found' });
    expect((await vault.ensure('local:quantal', operationContext())).image.release).toBe('12.10');
  });

  it('brings an image into the vault, verified, with progress, and knows it after a restart', async () => {
    const ctx = operationContext();
    const record = await vault.ensure('local:24.04', ctx);
    expect(record.image).toMatchObject({ origin: 'remote', aliases: ['local:24.04'], verification: 'https', version: '20260301', defaultUser: 'ubuntu', virtualBytes: 8 * mebibyte });
    expect(ctx.steps.map(({ step }) => step)).toEqual(expect.arrayContaining(['refresh', 'download', 'inspect', 'convert']));
    expect(ctx.steps.find(({ step }) => step === 'download')).toMatchObject({ totalBytes: image.length });
    const raw = path.join(directory, 'out.raw');
    await runner.run({ program: 'qemu-img', args: ['convert', '-f', 'qcow2', '-O', 'raw', record.diskPath, raw], confinement: 'none-needed' }, { signal });
    expect(digest('sha256', await readFile(raw))).toBe(digest('sha256', rawContent));
    vault = await openVault();
    await server.close();
    try {
      expect((await vault.ensure('local:noble', operationContext())).diskPath).toBe(record.diskPath);
    } finally {
      server = await ImageServer.start();
    }
  });

  it('lets several launches share one download, which goes on while one of them is left', async () => {
    await vault.refresh(0, operationContext());
    server.misbehave(imagePath, { kind: 'slow', bytesPerSecond: 4 * mebibyte });
    const leaving = new AbortController();
    const left = vault.ensure('local:24.04', operationContext({ signal: leaving.signal, onReport: ({ step }) => { if (step === 'download') leaving.abort(); } }));
    const [first, second, cancelled] = await Promise.allSettled([vault.ensure('local:24.04', operationContext()), vault.ensure('noble', operationContext()), left]);
    expect([first.status, second.status, cancelled.status]).toEqual(['fulfilled', 'fulfilled', 'rejected']);
    expect(server.seen.filter(({ path: seen }) => seen === `/${imagePath}`)).toHaveLength(1);
  });

  it('is asked once by all who want its list at the same time', async () => {
    await Promise.all(['local:24.04', 'local:noble', 'local:lts'].map(async (word) => await vault.ensure(word, operationContext())));
    expect(server.seen.map(({ path: seen }) => seen)).toEqual(['/ubuntu/streams/v1/index.json', `/ubuntu/${listPath}`, `/${imagePath}`]);
  });

  it('keeps what was known when a remote fails, and tells which one', async () => {
    await configure({ remotes: [{ name: 'local', url: `${server.url}ubuntu` }, { name: 'broken', url: `${server.url}nothing` }] });
    await vault.refresh(0, operationContext());
    expect(asked()).toMatchObject([{ name: 'local', entries: 2 }, { name: 'broken', entries: 0, error: { code: 'image.remote-unreachable' } }]);
    server.misbehave(`ubuntu/${listPath}`, { kind: 'status', status: 500 });
    await expect(vault.refresh(0, operationContext())).rejects.toMatchObject({ code: 'image.remote-unreachable' });
    expect(vault.remotes()[0]).toMatchObject({ entries: 2, error: { code: 'image.remote-unreachable' } });
    await expectWorksNow();
  });
});

describe('a transfer', () => {
  it('goes on where it stopped', async () => {
    server.misbehave(imagePath, { kind: 'drop-at', share: 0.5, times: 1 });
    await vault.ensure('local:24.04', operationContext());
    const ranges = server.seen.filter(({ path: seen }) => seen === `/${imagePath}`).map(({ range }) => range);
    expect(ranges).toEqual([undefined, expect.stringMatching(/^bytes=[1-9]\d+-$/)]);
  });

  it('is cancelled half-way, leaving nothing', async () => {
    server.misbehave(imagePath, { kind: 'slow', bytesPerSecond: mebibyte });
    const abort = new AbortController();
    const cancelled = vault.ensure('local:24.04', operationContext({ signal: abort.signal, onReport: ({ step, bytes = 0 }) => { if (step === 'download' && bytes > 0) abort.abort(); } }));
    await expect(cancelled).rejects.toMatchObject({ name: 'AbortError' });
    await expectNothingLeft();
    await expectWorksNow();
  });
});
