// SPDX-License-Identifier: MIT
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { imageSettings } from '../../../contract/images.ts';
import { createLogger } from '../../../native-helper/core/log.ts';
import {
  readImageSettings,
  unusedNames,
  writeImageSettings,
} from '../../../native-helper/images/catalogue/settings-file.ts';

const log = createLogger('silent');

let room: string;
let file: string;
beforeEach(async () => {
  room = await mkdtemp(path.join(tmpdir(), 'berth-settings-'));
  file = path.join(room, 'image-settings.json');
});
afterEach(async () => await rm(room, { recursive: true }));

const kept = async (): Promise<unknown> => JSON.parse(await readFile(file, 'utf8'));
const mine = { name: 'mine', url: 'https://mine.invalid/', defaultUser: 'ubuntu', laterKey: 1 };
const later = { name: 'ubuntu', url: 'oci://registry.invalid/images' };
const nextSettings = imageSettings.parse({ disabled: ['debian'] });

it("a later version's stay as they are: nothing of them is used, and nothing is written over them", async () => {
  const text = JSON.stringify({ schema: 2, sources: { off: ['ubuntu'] } });
  await writeFile(file, text);
  const known = await readImageSettings(file, log);
  expect(known.fault).toMatchObject({ code: 'image.settings-unusable' });
  expect(known.settings.expiryDays).toBe(3650);
  await expect(writeImageSettings(file, nextSettings, known)).rejects.toMatchObject({
    code: 'image.settings-unusable',
    params: { wayOut: expect.stringContaining('Update Berth.') },
  });
  expect([await readdir(room), await readFile(file, 'utf8')]).toEqual([['image-settings.json'], text]);
});

it.each(['{', '{"disabled":7}', '{"mirrors":{"ubuntu":"oci://x"}}'])(
  'damaged ones (%s) stay unused over restarts, until others take their place',
  async (text) => {
    await writeFile(file, text);
    expect((await readImageSettings(file, log)).fault).toBeDefined();
    const known = await readImageSettings(file, log);
    expect(known.fault).toMatchObject({ params: { wayOut: expect.stringContaining('--set FILE') } });
    expect(await writeImageSettings(file, nextSettings, known)).toMatchObject({ settings: { disabled: ['debian'] } });
    expect(await kept()).toMatchObject({ disabled: ['debian'] });
    const [aside = ''] = (await readdir(room)).filter((name) => name.includes('.corrupt-'));
    expect(await readFile(path.join(room, aside), 'utf8')).toBe(text);
    expect((await readImageSettings(file, log)).fault).toBeUndefined();
  },
);

it('a remote that cannot be used is kept, unused, until one of its name comes; the others work', async () => {
  await writeFile(file, JSON.stringify({ remotes: [later, mine, 7] }));
  const known = await readImageSettings(file, log);
  expect(known).toMatchObject({ settings: { remotes: [{ name: 'mine' }] }, unused: [later, 7] });
  expect([known.fault, unusedNames(known)]).toEqual([undefined, ['ubuntu']]);
  const written = await writeImageSettings(file, { ...known.settings, expiryDays: 20 }, known);
  expect(await kept()).toMatchObject({ remotes: [mine, later, 7], expiryDays: 20 });
  const ubuntu = { name: later.name, url: 'https://own.invalid/' };
  await writeImageSettings(file, imageSettings.parse({ remotes: [ubuntu] }), written);
  expect(await kept()).toMatchObject({ remotes: [ubuntu, 7] });
});
