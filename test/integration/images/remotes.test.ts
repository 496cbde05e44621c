// SPDX-License-Identifier: MIT
import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ImageRemote } from '../../../contract/images.ts';
import type { LocalImages } from '../../../native-helper/images/local-images.ts';
import { asQcow2, fullDisk } from '../../support/disk-content.ts';
import { ImageRig } from '../../support/image-rig.ts';
import { digest, indexDocument, listPath, productsDocument, putSimplestreams } from '../../support/image-trees.ts';
import { operationContext } from '../../support/operation-context.ts';
import { withoutBuiltIn } from '../../support/publisher.ts';

const mebibyte = 1024 ** 2;
let rawContent: Buffer;
let image: Buffer;
let older: Buffer;
let rig: ImageRig;
let vault: LocalImages;

beforeAll(async () => {
  rawContent = fullDisk(8 * mebibyte);
  image = await asQcow2(rawContent);
  older = await asQcow2(rawContent.subarray(0, 4 * mebibyte));
});

beforeEach(async () => {
  rig = await ImageRig.start({ tuning: { stallMs: 5000, backOffMs: 5, attempts: 3 } });
  putSimplestreams(rig.server, 'ubuntu/', [
    {
      version: '24.04',
      codename: 'noble',
      aliases: '24.04,n,noble,lts,default',
      builds: {
        '20260201': { ftype: 'disk1.img', path: 'server/releases/noble/release-20260201/noble.img', content: older },
        '20260301': { ftype: 'disk1.img', path: 'server/releases/noble/release-20260301/noble.img', content: image },
      },
    },
    {
      version: '12.10',
      codename: 'quantal',
      aliases: '12.10,q,quantal',
      isSupported: false,
      builds: { '20120101': { ftype: 'disk1.img', path: 'server/releases/quantal/q.img', content: older } },
    },
  ]);
  vault = await rig.open();
  await configure();
});
afterEach(async () => {
  await rig?.[Symbol.asyncDispose]();
});

const imagePath = 'ubuntu/server/releases/noble/release-20260301/noble.img';

const asked = (): readonly ImageRemote[] => vault.remotes().filter(({ isDisabled }) => isDisabled !== true);

async function configure(more: Readonly<Record<string, unknown>> = {}): Promise<void> {
  await vault.configure(
    withoutBuiltIn(vault.remotes(), { remotes: [{ name: 'local', url: `${rig.server.url}ubuntu` }], ...more }),
  );
}

async function expectNothingLeft(): Promise<void> {
  expect(await readdir(rig.files.images)).toEqual([]);
  expect(await readdir(rig.files.downloads)).toEqual([]);
}

async function expectWorksNow(): Promise<void> {
  rig.server.behave();
  const { image: fetched } = await vault.ensure('local:24.04', operationContext());
  expect(fetched.virtualBytes).toBe(8 * mebibyte);
  expect(await readdir(rig.files.downloads)).toEqual([]);
}

describe('a simplestreams remote', () => {
  it('offers the newest build of each release, and finds it by every word and by its digest', async () => {
    await vault.refresh(0, operationContext());
    expect(asked()).toMatchObject([{ name: 'local', kind: 'simplestreams', entries: 2, verification: 'https' }]);
    const entries = vault.catalogue({ uid: 0 }).filter(({ remote }) => remote === 'local');
    expect(entries.map(({ alias, version, isSupported }) => [alias, version, isSupported])).toEqual([
      ['local:24.04', '20260301', undefined],
      ['local:12.10', '20120101', false],
    ]);
    expect(entries[0]).toMatchObject({
      downloadBytes: image.length,
      os: 'ubuntu',
      release: '24.04',
      words: expect.arrayContaining(['noble', 'lts', 'ubuntu', 'ubuntu-24.04']),
    });
    const first = await vault.ensure('noble', operationContext());
    for (const word of ['ubuntu', 'lts', 'local:noble', '24.04', digest('sha256', image).slice(0, 12)])
      expect((await vault.ensure(word, operationContext())).diskPath).toBe(first.diskPath);
    await expect(vault.ensure('quantal', operationContext())).rejects.toMatchObject({
      code: 'image.unsupported-release',
    });
    await expect(vault.ensure('nowhere:24.04', operationContext())).rejects.toMatchObject({
      code: 'image.remote-not-found',
    });
    await expect(vault.ensure('warty', operationContext())).rejects.toMatchObject({ code: 'image.not-found' });
    expect((await vault.ensure('local:quantal', operationContext())).image.release).toBe('12.10');
  });

  it('brings an image into the vault, verified, with progress, and knows it after a restart', async () => {
    const ctx = operationContext();
    const record = await vault.ensure('local:24.04', ctx);
    expect(record.image).toMatchObject({
      origin: 'remote',
      aliases: ['local:24.04'],
      verification: 'https',
      version: '20260301',
      defaultUser: 'ubuntu',
      virtualBytes: 8 * mebibyte,
    });
    expect(ctx.steps.map(({ step }) => step)).toEqual(
      expect.arrayContaining(['refresh', 'download', 'inspect', 'convert']),
    );
    expect(ctx.steps.find(({ step }) => step === 'download')).toMatchObject({ totalBytes: image.length });
    const raw = rig.in('out.raw');
    await promisify(execFile)('qemu-img', ['convert', '-f', 'qcow2', '-O', 'raw', record.diskPath, raw]);
    expect(digest('sha256', await readFile(raw))).toBe(digest('sha256', rawContent));
    vault = await rig.open();
    await rig.server.close();
    expect((await vault.ensure('local:noble', operationContext())).diskPath).toBe(record.diskPath);
  });

  it('lets several launches share one download, which goes on while one of them is left', async () => {
    await vault.refresh(0, operationContext());
    rig.server.misbehave(imagePath, { kind: 'slow', bytesPerSecond: 4 * mebibyte });
    const leaving = new AbortController();
    const left = vault.ensure(
      'local:24.04',
      operationContext({
        signal: leaving.signal,
        onReport: ({ step }) => {
          if (step === 'download') leaving.abort();
        },
      }),
    );
    const [first, second, cancelled] = await Promise.allSettled([
      vault.ensure('local:24.04', operationContext()),
      vault.ensure('noble', operationContext()),
      left,
    ]);
    expect([first.status, second.status, cancelled.status]).toEqual(['fulfilled', 'fulfilled', 'rejected']);
    expect(rig.server.seen.filter(({ path: seen }) => seen === `/${imagePath}`)).toHaveLength(1);
  });

  it('is asked once by all who want its list at the same time', async () => {
    await Promise.all(
      ['local:24.04', 'local:noble', 'local:lts'].map(async (word) => await vault.ensure(word, operationContext())),
    );
    expect(rig.server.seen.map(({ path: seen }) => seen)).toEqual([
      '/ubuntu/streams/v1/index.json',
      `/ubuntu/${listPath}`,
      `/${imagePath}`,
    ]);
  });

  it('refuses what means no image before anything is fetched, and nothing that a remote without an answer may know', async () => {
    const look = async (word: string): Promise<string> =>
      await vault.requireKnown(word, { uid: 0 }, operationContext().signal).then(
        () => 'known',
        ({ code }: { code: string }) => code,
      );
    rig.server.misbehave('ubuntu/streams/v1/index.json', { kind: 'status', status: 500 });
    const words = ['tiny', 'local:noble', 'local:warty', 'warty', 'nowhere:noble', 'mia/own', 'quantal', 'ab12cd34'];
    const known = { tiny: 'known', quantal: 'known', ab12cd34: 'known', 'local:noble': 'known' };
    const never = { 'nowhere:noble': 'image.remote-not-found', 'mia/own': 'image.not-found' };
    const told = async (): Promise<object> =>
      Object.fromEntries(await Promise.all(words.map(async (word) => [word, await look(word)] as const)));
    expect(await told()).toEqual({ ...known, ...never, 'local:warty': 'known', warty: 'known' });
    rig.server.behave();
    expect(await told()).toEqual({ ...known, ...never, 'local:warty': 'image.not-found', warty: 'image.not-found' });
    expect(rig.server.seen.some(({ path: seen }) => seen.endsWith('.img'))).toBe(false);
  });

  it('keeps what was known when a remote fails, and tells which one', async () => {
    await configure({
      remotes: [
        { name: 'local', url: `${rig.server.url}ubuntu` },
        { name: 'broken', url: `${rig.server.url}nothing` },
      ],
    });
    await vault.refresh(0, operationContext());
    expect(asked()).toMatchObject([
      { name: 'local', entries: 2 },
      { name: 'broken', entries: 0, error: { code: 'image.remote-unreachable' } },
    ]);
    rig.server.misbehave(`ubuntu/${listPath}`, { kind: 'status', status: 500 });
    await expect(vault.refresh(0, operationContext())).rejects.toMatchObject({ code: 'image.remote-unreachable' });
    expect(vault.remotes()[0]).toMatchObject({ entries: 2, error: { code: 'image.remote-unreachable' } });
    await expectWorksNow();
  });
});

describe('a list with an odd entry', () => {
  const odd = {
    arch: 'amd64',
    os: 'Alpine',
    release: 'edge',
    versions: {
      '20240206_07:42': { items: { disk: { ftype: 'disk1.img', path: 'images/20240206_07:42/disk.qcow2' } } },
    },
  };
  const withOdd = (document: string): string => {
    const list = JSON.parse(document) as { readonly products: object };
    return JSON.stringify({ ...list, products: { 'alpine:edge': odd, ...list.products } });
  };
  const products = productsDocument([
    {
      version: '24.04',
      codename: 'noble',
      aliases: 'noble',
      builds: { '1': { ftype: 'disk1.img', path: 'noble.img', content: Buffer.from('x') } },
    },
  ]);

  it('has all the others, and a note that is kept over a restart', async () => {
    rig.server.put(`ubuntu/${listPath}`, withOdd(products));
    await vault.refresh(0, operationContext());
    const expected = [
      { name: 'local', entries: 1, leftOut: { count: 1, reasons: [expect.stringMatching(/^alpine:edge: version: /)] } },
    ];
    expect(asked()).toMatchObject(expected);
    vault = await rig.open();
    expect(asked()).toMatchObject(expected);
    rig.server.put(`ubuntu/${listPath}`, products);
    await vault.refresh(0, operationContext());
    expect(asked()).toMatchObject([{ entries: 1 }]);
    expect(asked()[0]).not.toHaveProperty('leftOut');
  });

  it('is read where Ubuntu keeps it', async () => {
    const named = 'streams/v1/com.ubuntu.cloud:released:download.json';
    rig.server.put('ubuntu/streams/v1/index.json', indexDocument(named));
    rig.server.put(`ubuntu/${named}`, products);
    await vault.refresh(0, operationContext());
    expect(asked()).toMatchObject([{ entries: 1 }]);
  });
});

describe('a transfer', () => {
  it('goes on where it stopped', async () => {
    rig.server.misbehave(imagePath, { kind: 'drop-at', share: 0.5, times: 1 });
    await vault.ensure('local:24.04', operationContext());
    const ranges = rig.server.seen.filter(({ path: seen }) => seen === `/${imagePath}`).map(({ range }) => range);
    expect(ranges).toEqual([undefined, expect.stringMatching(/^bytes=[1-9]\d+-$/)]);
  });

  it('is cancelled half-way, leaving nothing', async () => {
    rig.server.misbehave(imagePath, { kind: 'slow', bytesPerSecond: mebibyte });
    const abort = new AbortController();
    const cancelled = vault.ensure(
      'local:24.04',
      operationContext({
        signal: abort.signal,
        onReport: ({ step, bytes = 0 }) => {
          if (step === 'download' && bytes > 0) abort.abort();
        },
      }),
    );
    await expect(cancelled).rejects.toMatchObject({ name: 'AbortError' });
    await expectNothingLeft();
    await expectWorksNow();
  });
});
