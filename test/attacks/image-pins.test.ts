// SPDX-License-Identifier: MIT
import { mkdir, writeFile } from 'node:fs/promises';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Fingerprint } from '../../contract/names.ts';
import type { LocalImages } from '../../native-helper/images/local-images.ts';
import { ImageRig } from '../support/image-rig.ts';
import { operationContext } from '../support/operation-context.ts';
import { tinyImage } from '../support/tiny-image.ts';

/** What a member keeps from expiring takes room for good, and what root keeps is root's. */
const root = { uid: 0 };
const mia = { uid: 4000 };
const max = { uid: 4001 };
let rig: ImageRig;
let images: LocalImages;
let tiny: Fingerprint;

beforeEach(async () => {
  rig = await ImageRig.start();
  images = await rig.open();
  tiny = (await images.adoptBuilt(await tinyImage())).image.fingerprint;
});
afterEach(async () => {
  await rig?.[Symbol.asyncDispose]();
});

const asks = async ({ uid }: typeof mia): Promise<void> =>
  void (await images.ensure('tiny', operationContext({ uid })));
const isPinned = (): boolean | undefined => images.list(() => [], root)[0]?.isPinned;

async function limitBytes(bytes: number): Promise<void> {
  await mkdir(rig.in('config'), { recursive: true, mode: 0o755 });
  await writeFile(rig.in('config', 'quotas.conf'), `max_image_bytes = ${bytes}\n`, { mode: 0o644 });
  await rig.quotas.read();
}

it('a member keeps what he alone asked for, and lets it go', async () => {
  await expect(images.setPinned(tiny, true, mia)).rejects.toMatchObject({
    code: 'auth.denied',
    params: { uid: mia.uid, action: 'keep the image tiny, which was not fetched for this user' },
  });
  await asks(mia);
  await images.setPinned(tiny, true, mia);
  expect(isPinned()).toBe(true);
  await asks(max);
  await expect(images.setPinned(tiny, false, max)).rejects.toMatchObject({
    code: 'auth.denied',
    params: { action: 'let the image tiny expire, which another user keeps' },
  });
  await images.setPinned(tiny, false, mia);
  expect(isPinned()).toBe(false);
  for (const each of [mia, max])
    await expect(images.setPinned(tiny, true, each)).rejects.toMatchObject({
      code: 'auth.denied',
      params: { action: 'keep the image tiny, which others have use for too' },
    });
  expect(isPinned()).toBe(false);
});

it.each(['of this version', 'of an older one'])(
  'what root keeps no member lets go, takes over or removes: %s',
  async (version) => {
    await asks(mia);
    await images.setPinned(tiny, true, root);
    if (version !== 'of this version') {
      await rig.store(tiny, { pinnedBy: undefined });
      images = await rig.open();
    }
    await images.setPinned(tiny, true, mia); // it is kept
    for (const each of [mia, max])
      await expect(images.setPinned(tiny, false, each)).rejects.toMatchObject({
        code: 'auth.denied',
        params: { action: 'let the image tiny expire, which root keeps' },
      });
    await expect(images.remove(tiny, mia)).rejects.toMatchObject({ code: 'auth.denied' });
    expect(isPinned()).toBe(true);
    await images.setPinned(tiny, false, root);
    await images.remove(tiny, mia);
  },
);

it('what a member keeps is in his quota', async () => {
  await asks(mia);
  const bytes = images.list(() => [], root)[0]?.diskUseBytes ?? 0;
  await limitBytes(bytes - 1);
  await expect(images.setPinned(tiny, true, mia)).rejects.toMatchObject({ code: 'quota.exceeded' });
  expect(isPinned()).not.toBe(true);
  await limitBytes(bytes);
  await images.setPinned(tiny, true, mia);
  await images.setPinned(tiny, true, mia); // counted once
  await images.setPinned(tiny, true, root);
  await images.setPinned(tiny, false, root);
  await images.setPinned(tiny, true, mia);
});
