// SPDX-License-Identifier: MIT
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { fingerprint, imageAlias, type Fingerprint } from '#contract/names.ts';
import type { ImageRecord } from '../../native-helper/images/vault/image-record.ts';
import { ownedBy } from '../../native-helper/images/vault/owned-by.ts';
import { Vault } from '../../native-helper/images/vault/vault.ts';
import { Files } from '../../native-helper/store/files.ts';

/**
 * A member fetches a file first and says something wrong of it; when the catalogue brings that file, her disk makes
 * room. She removes the catalogue's, of which nobody else knows yet, and begins anew: each round leaves a whole disk
 * beside the vault.
 */
const rounds = 5;
const image = fingerprint.parse('a'.repeat(64));
const of = { fingerprint: image, architecture: 'x86_64', virtualBytes: 512, boot: 'disk' } as const;
let directory: string;
let files: Files;
let vault: Vault;
/** The images that instances stand on. */
const used = new Set<Fingerprint>();

beforeEach(async () => {
  directory = await mkdtemp(path.join(os.tmpdir(), 'berth-aside-'));
  files = new Files(path.join(directory, 'state'), path.join(directory, 'run'));
  await mkdir(files.stateDirectory);
  vault = new Vault(files, pino({ level: 'silent' }), {
    changed: () => undefined,
    isUsed: async (each) => used.has(each),
  });
  await vault.load();
});
afterEach(async () => {
  used.clear();
  await vault.settled();
  await rm(directory, { recursive: true });
});

async function fetchedBy(uid: number | undefined, content: string): Promise<void> {
  const words =
    uid === undefined
      ? {
          aliases: [imageAlias.parse('far')],
          title: 'far',
          os: 'far',
          release: '1',
          origin: 'remote' as const,
          defaultUser: 'far',
        }
      : ownedBy(uid, { alias: imageAlias.parse('hers'), defaultUser: 'x' });
  const record: ImageRecord = {
    schema: 1,
    ...words,
    ...of,
    diskDigest: null,
    fileBytes: content.length,
    addedAt: new Date().toISOString(),
  };
  await vault.take(async (staged) => {
    await writeFile(path.join(staged, 'disk.qcow2'), content);
    return record;
  });
}

const names = async (): Promise<string[]> =>
  (await readdir(files.images)).map((name) => name.replace(/\.corrupt-.*/, '.corrupt')).sort();

async function round(number: number): Promise<void> {
  await vault.removeUnless(image, () => false).catch(() => undefined); // not there the first time
  await fetchedBy(4000, `hers ${number}`);
  await fetchedBy(undefined, `the catalogue's ${number}`);
}

it('nothing stays of a disk that made room where no instance stands on it', async () => {
  for (let number = 0; number < rounds; number += 1) await round(number);
  expect(await names()).toEqual([image]);
});

it('one stays where an instance does, and goes when none does any more', async () => {
  used.add(image);
  for (let number = 0; number < rounds; number += 1) await round(number);
  expect(await names()).toEqual([image, `${image}.corrupt`]);
  expect(await vault.removeAside()).toBe(0);
  expect(await names()).toEqual([image, `${image}.corrupt`]);
  used.clear();
  expect(await vault.removeAside()).toBeGreaterThan(0);
  expect(await names()).toEqual([image]);
});
