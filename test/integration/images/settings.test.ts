// SPDX-License-Identifier: MIT
import { readFile, writeFile } from 'node:fs/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { HostCheck } from '#contract/system.ts';
import { imageImportUrlParams } from '../../../contract/images.ts';
import { inWords } from '../../../native-helper/core/in-words.ts';
import { checkImageSettings } from '../../../native-helper/system/checks/image-settings.ts';
import type { Surroundings } from '../../../native-helper/system/checks/surroundings.ts';
import type { LocalImages } from '../../../native-helper/images/local-images.ts';
import { ImageRig } from '../../support/image-rig.ts';
import { operationContext } from '../../support/operation-context.ts';
import { withoutBuiltIn } from '../../support/publisher.ts';

let rig: ImageRig;
beforeEach(async () => {
  rig = await ImageRig.start({ tuning: { stallMs: 2000, backOffMs: 5, attempts: 1 } });
});
afterEach(async () => {
  await rig?.[Symbol.asyncDispose]();
});

const unusable = { code: 'image.settings-unusable' };

async function doctorOf(vault: LocalImages): Promise<HostCheck | undefined> {
  const surroundings = { unusableImageSettings: () => vault.unusableSettings() } as Surroundings;
  const told = await checkImageSettings(surroundings, AbortSignal.timeout(1000));
  return told && inWords<HostCheck>(told);
}

async function expectNothingIsAsked(vault: LocalImages): Promise<void> {
  await expect(vault.refresh(0, operationContext())).rejects.toMatchObject(unusable);
  await expect(vault.ensure('debian:12', operationContext())).rejects.toMatchObject(unusable);
  await expect(vault.fetch('ubuntu:24.04', operationContext())).rejects.toMatchObject(unusable);
  const params = imageImportUrlParams.parse({ url: `${rig.server.url}a.qcow2`, alias: 'mine' });
  await expect(vault.importUrl(params, operationContext())).rejects.toMatchObject(unusable);
  expect(vault.remotes().length).toBeGreaterThan(2);
  for (const remote of vault.remotes()) expect(remote).toMatchObject({ entries: 0, error: unusable });
  expect(rig.server.seen).toEqual([]);
  expect(await doctorOf(vault)).toMatchObject({ state: 'missing' });
}

test("with settings of a later version nothing is fetched, and root's own are not taken in their place", async () => {
  const text = JSON.stringify({ schema: 2, disabled: ['debian'] });
  await writeFile(rig.files.imageSettings, text);
  const vault = await rig.open();
  await expectNothingIsAsked(vault);
  await expect(vault.configure(withoutBuiltIn(vault.remotes()))).rejects.toMatchObject(unusable);
  expect(await readFile(rig.files.imageSettings, 'utf8')).toBe(text);
});

test('with damaged ones nothing is fetched, after a restart neither, until root decides anew', async () => {
  await writeFile(rig.files.imageSettings, '{"disabled":');
  await expectNothingIsAsked(await rig.open());
  const vault = await rig.open();
  await expectNothingIsAsked(vault);
  await vault.configure(withoutBuiltIn(vault.remotes(), { remotes: [{ name: 'local', url: `${rig.server.url}x` }] }));
  await expect(vault.refresh(0, operationContext())).rejects.toMatchObject({ code: 'image.remote-unreachable' });
  expect(rig.server.seen.length).toBeGreaterThan(0);
  expect(await doctorOf(vault)).toBeUndefined();
});

test('a remote that cannot be used is not asked, nor that of its name which comes with Berth; the others are', async () => {
  const builtIn = (await rig.open()).remotes().map(({ name }) => name);
  const others = builtIn.filter((name) => name !== 'ubuntu');
  const later = { name: 'ubuntu', url: 'oci://registry.invalid/images' };
  const local = { name: 'local', url: `${rig.server.url}x` };
  await writeFile(rig.files.imageSettings, JSON.stringify({ remotes: [later, local], disabled: others }));
  const vault = await rig.open();
  expect(vault.remotes().filter(({ isDisabled }) => isDisabled !== true)).toMatchObject([{ name: 'local' }]);
  await expect(vault.refresh(0, operationContext())).rejects.toMatchObject({ code: 'image.remote-unreachable' });
  expect(rig.server.seen.every(({ path }) => path.startsWith('/x/'))).toBe(true);
  expect(await doctorOf(vault)).toMatchObject({ state: 'limited', evidence: 'ubuntu' });
  await vault.configure({ ...vault.settings(), expiryDays: 20 });
  expect(JSON.parse(await readFile(rig.files.imageSettings, 'utf8'))).toMatchObject({
    remotes: expect.arrayContaining([later]),
  });
});
