// SPDX-License-Identifier: MIT
import { chmod, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ErrorCode } from '../../../contract/errors.ts';
import { imageSettings, type ImageRemote } from '../../../contract/images.ts';
import { assetsDirectory } from '../../../native-helper/core/assets.ts';
import { LocalImages } from '../../../native-helper/images/local-images.ts';
import { LocalProcessRunner } from '../../../native-helper/process/runner.ts';
import { Files } from '../../../native-helper/store/files.ts';
import { ImageServer, type Misbehaviour } from '../../support/image-server.ts';
import { digest, indexDocument, listPath, productsDocument, putSimplestreams } from '../../support/image-trees.ts';
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

/** A busy computer answers within seconds; `stallMs` is short only where the server is to be found silent. */
const openVault = async (stallMs = 5000): Promise<LocalImages> => await LocalImages.open({ files, runner, log, assetsDirectory, tuning: { stallMs, backOffMs: 5, attempts: 3 } });
const quickToGiveUp = 300;
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
    expect(ctx.steps.map(({ step }) => step)).toEqual(expect.arrayContaining(['refresh', 'download', 'inspect', 'convert', 'fingerprint']));
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

describe('a list that is not to be trusted', () => {
  const one = (more: Readonly<Record<string, unknown>>): string => productsDocument([{ version: '24.04', codename: 'noble', aliases: 'noble', builds: { '1': { ftype: 'disk1.img', path: 'server/a.img', content: image, more } } }]);
  it.each([
    ['a path that climbs', () => one({ path: '../../etc/passwd' }), 'image.catalogue-invalid'],
    ['a path that climbs later', () => one({ path: 'server/../../x' }), 'image.catalogue-invalid'],
    ['an absolute URL to another host', () => one({ path: 'https://example.com/a.img' }), 'image.catalogue-invalid'],
    ['a URL without a scheme', () => one({ path: '//example.com/a.img' }), 'image.catalogue-invalid'],
    ['size 0', () => one({ size: 0 }), 'image.catalogue-invalid'],
    ['a negative size', () => one({ size: -5 }), 'image.catalogue-invalid'],
    ['no digest', () => one({ sha256: undefined }), 'image.catalogue-invalid'],
    ['a digest that is none', () => one({ sha256: 'x' }), 'image.catalogue-invalid'],
    ['a key twice', () => one({}).replace('"arch"', '"arch":"arm64","arch"'), 'image.catalogue-invalid'],
    ['half a document', () => one({}).slice(0, 200), 'image.catalogue-invalid'],
    ['100 MB', () => Buffer.alloc(100 * 1000 ** 2, ' '), 'image.download-refused'],
  ])('is refused: %s', async (_, make, code) => {
    server.put(`ubuntu/${listPath}`, make());
    await expect(vault.ensure('local:24.04', operationContext())).rejects.toMatchObject({ code });
    await expectNothingLeft();
    putSimplestreams(server, 'ubuntu/', [{ version: '24.04', codename: 'noble', aliases: 'noble', builds: { '1': { ftype: 'disk1.img', path: 'server/a.img', content: image } } }]);
    await expectWorksNow();
  });
});

it('takes no index of 100 MB', async () => {
  server.put('ubuntu/streams/v1/index.json', Buffer.alloc(100 * 1000 ** 2, ' '));
  await expect(vault.ensure('local:24.04', operationContext())).rejects.toMatchObject({ code: 'image.download-refused' });
  await expectNothingLeft();
  server.put('ubuntu/streams/v1/index.json', indexDocument());
  await expectWorksNow();
});

describe('a server that misbehaves', () => {
  const harmless: [what: string, fault: Misbehaviour, stallMs?: number][] = [
    ['drops at 99 % once', { kind: 'drop-at', share: 0.99, times: 1 }],
    ['drops again and again, further each time', { kind: 'drop-at', share: 0.6, times: 2 }],
    ['drops and then ignores Range', { kind: 'drop-at-ignoring-range', share: 0.9, times: 2 }],
    ['changes its ETag', { kind: 'changing-etag-drop', share: 0.5, times: 2 }],
    ['answers 500 twice', { kind: 'status', status: 500, times: 2 }],
    ['falls silent once', { kind: 'silent', times: 1 }, 1000],
  ];
  it.each(harmless)('does no harm: %s', async (_, fault, stallMs) => {
    if (stallMs !== undefined) vault = await openVault(stallMs);
    server.misbehave(imagePath, fault);
    expect((await vault.ensure('local:24.04', operationContext())).image.virtualBytes).toBe(8 * mebibyte);
    expect(await readdir(files.downloads)).toEqual([]);
  });

  it('goes on where it stopped', async () => {
    server.misbehave(imagePath, { kind: 'drop-at', share: 0.5, times: 1 });
    await vault.ensure('local:24.04', operationContext());
    const ranges = server.seen.filter(({ path: seen }) => seen === `/${imagePath}`).map(({ range }) => range);
    expect(ranges).toEqual([undefined, expect.stringMatching(/^bytes=[1-9]\d+-$/)]);
  });

  const hopeless: [what: string, fault: Misbehaviour, code: ErrorCode, stallMs?: number][] = [
    ['always drops at 99 %, without Range', { kind: 'drop-at-ignoring-range', share: 0.99 }, 'image.download-failed'],
    ['says it is longer', { kind: 'wrong-length', by: 1000 }, 'image.download-refused'],
    ['says it is shorter', { kind: 'wrong-length', by: -1000 }, 'image.download-failed'],
    ['redirects to a file', { kind: 'redirect', to: 'file:///etc/shadow' }, 'image.download-refused'],
    ['redirects to a name and a password', { kind: 'redirect', to: 'https://a:b@127.0.0.1/' }, 'image.download-refused'],
    ['redirects for ever', { kind: 'redirect', to: `/${imagePath}` }, 'image.download-refused'],
    ['sends a byte a second', { kind: 'trickle' }, 'image.download-failed', quickToGiveUp],
    ['says nothing', { kind: 'silent' }, 'image.download-failed', quickToGiveUp],
    ['always answers 500', { kind: 'status', status: 500 }, 'image.download-failed'],
    ['answers 404', { kind: 'status', status: 404 }, 'image.download-failed'],
    ['answers 407', { kind: 'status', status: 407 }, 'network.proxy-failed'],
  ];
  it.each(hopeless)('is given up: %s', async (_, fault, code, stallMs) => {
    await vault.refresh(0, operationContext());
    if (stallMs !== undefined) vault = await openVault(stallMs);
    server.misbehave(imagePath, fault);
    await expect(vault.ensure('local:24.04', operationContext())).rejects.toMatchObject({ code });
    await expectNothingLeft();
    vault = await openVault();
    await expectWorksNow();
  });

  it('has another file than the list says', async () => {
    await vault.refresh(0, operationContext());
    server.put(imagePath, Buffer.concat([image.subarray(0, -1), Buffer.from([7])]));
    await expect(vault.ensure('local:24.04', operationContext())).rejects.toMatchObject({ code: 'image.checksum-mismatch' });
    await expectNothingLeft();
    server.put(imagePath, image);
    await expectWorksNow();
  });

  it('is a proxy that wants a password', async () => {
    const proxy = await ImageServer.start();
    proxy.misbehave('', { kind: 'status', status: 407 });
    await configure({ remotes: [{ name: 'local', url: 'https://images.invalid/ubuntu' }], proxy: proxy.url });
    await expect(vault.ensure('local:24.04', operationContext())).rejects.toMatchObject({ code: 'network.proxy-failed' });
    await proxy.close();
    await configure();
    await expectWorksNow();
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
