// SPDX-License-Identifier: MIT
import { createHash } from 'node:crypto';
import { chmod, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { imageImportUrlParams } from '../../../contract/images.ts';
import type { Fingerprint } from '../../../contract/names.ts';
import type { LocalImages } from '../../../native-helper/images/local-images.ts';
import { asQcow2 } from '../../support/disk-content.ts';
import { ImageRig } from '../../support/image-rig.ts';
import { digest } from '../../support/image-trees.ts';
import { operationContext } from '../../support/operation-context.ts';

let rig: ImageRig;
let image: Buffer;

beforeAll(async () => {
  image = await asQcow2(Buffer.alloc(2 * 1024 ** 2, 'content'));
});
beforeEach(async () => {
  rig = await ImageRig.start({ tuning: { stallMs: 2000, backOffMs: 20, attempts: 3 } });
  rig.server.put('a.qcow2', image);
});
afterEach(async () => {
  await rig?.[Symbol.asyncDispose]();
});

const bring = async (vault: LocalImages): Promise<Fingerprint> =>
  (
    await vault.importUrl(
      imageImportUrlParams.parse({ url: `${rig.server.url}a.qcow2`, format: 'qcow2', alias: 'mine' }),
      operationContext(),
    )
  ).image.fingerprint;

it('names an image by what its publisher tells of it, and takes the digest of its disk when nobody waits', async () => {
  const vault = await rig.open();
  const fingerprint = await bring(vault);
  expect(fingerprint).toBe(digest('sha256', image));
  expect(await rig.stored(fingerprint)).toMatchObject({ diskDigest: null, isSettled: false });
  await vault.settled();
  const settled = await rig.stored(fingerprint);
  expect(settled).toMatchObject({
    diskDigest: createHash('sha256')
      .update(await readFile(rig.files.image(fingerprint).disk))
      .digest('hex'),
  });
  expect(settled).not.toHaveProperty('isSettled');
  expect(settled).not.toHaveProperty('writtenInBoot');
});

it('sees damage of an image that came a moment ago', async () => {
  const vault = await rig.open();
  const fingerprint = await bring(vault);
  await vault.verify(fingerprint, operationContext());
  await chmod(rig.files.image(fingerprint).disk, 0o644);
  await writeFile(rig.files.image(fingerprint).disk, 'x', { flag: 'r+' });
  await expect(vault.verify(fingerprint, operationContext())).rejects.toMatchObject({
    code: 'image.damaged',
    params: { image: 'mine' },
  });
});

it('calls no image damaged whose disk could not be read at first', async () => {
  const vault = await rig.open();
  const fingerprint = await bring(vault);
  const { disk } = rig.files.image(fingerprint);
  await rename(disk, `${disk}.away`);
  await vault.settled();
  expect(await rig.stored(fingerprint)).toMatchObject({ diskDigest: null, isSettled: false });
  await expect(vault.verify(fingerprint, operationContext())).rejects.toMatchObject({
    code: 'storage.failed',
    params: { path: disk },
  });
  await rename(`${disk}.away`, disk);
  await vault.verify(fingerprint, operationContext());
  expect(await rig.stored(fingerprint)).toMatchObject({
    diskDigest: createHash('sha256')
      .update(await readFile(disk))
      .digest('hex'),
  });
});

it('keeps what a helper that ended had just taken in, as long as the computer goes on', async () => {
  const fingerprint = await bring(await rig.open());
  const next = await rig.open();
  expect(next.find('mine', { uid: 0 })).toBeDefined();
  await next.settled();
  await next.verify(fingerprint, operationContext());
});

it('does not trust a disk that the computer stopped on, and takes the same image anew in its place', async () => {
  const vault = await rig.open();
  const fingerprint = await bring(vault);
  await vault.settled();
  await rig.store(fingerprint, { diskDigest: null, isSettled: false, writtenInBoot: 'of the boot before' });
  const next = await rig.open();
  expect(next.find('mine', { uid: 0 })).toBeUndefined();
  expect(await bring(next)).toBe(fingerprint);
  await next.verify(fingerprint, operationContext());
  expect(await readdir(rig.files.images)).toEqual([fingerprint]);
  await next.settled();
});

it('removes an image that is not settled yet', async () => {
  const vault = await rig.open();
  await vault.remove(await bring(vault), { uid: 0 });
  await vault.settled();
  expect(await readdir(rig.files.images)).toEqual([]);
});
