// SPDX-License-Identifier: MIT
import { chmod, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { VaultImage } from '../../contract/images.ts';
import { imageAlias, instanceName } from '../../contract/names.ts';
import type { OperationSummary } from '../../contract/operations.ts';
import { mebibyte } from '../../contract/units.ts';
import type { HelperConnection } from '../../client/helper-connection.ts';
import type { HelperProcess } from '../support/helper-process.ts';
import { startForMembers, type MembersHelper } from '../support/members-helper.ts';
import { connectAs, max, mia, type Person } from '../support/people.ts';

let members: MembersHelper;
let helper: HelperProcess;
let directory: string;
let tiny: VaultImage;
beforeAll(async () => {
  members = await startForMembers();
  ({ helper, directory } = members);
  tiny = await as(max, async (connection) => await imageOf(connection, 'tiny'));
});
afterAll(async () => {
  await members?.end();
});

async function as<T>(person: Person, act: (connection: HelperConnection) => Promise<T>): Promise<T> {
  const connection = await connectAs(person, helper.runDirectory);
  try {
    return await act(connection);
  } finally {
    connection.close();
  }
}

async function imageOf(connection: HelperConnection, alias: string): Promise<VaultImage> {
  const found = (await connection.request('images.list', {})).find(({ aliases }) =>
    aliases.some((each) => each === alias),
  );
  if (!found) throw new Error(`there is no image ${alias}`);
  return found;
}

/** A disk of its own content, for everybody to read. */
async function makeDisk(content: string): Promise<string> {
  const file = path.join(directory, `${content}.raw`);
  await writeFile(file, Buffer.alloc(mebibyte, content));
  await chmod(file, 0o644);
  return file;
}

async function importAs(person: Person, alias: string, content: string): Promise<OperationSummary> {
  const file = await makeDisk(content);
  return await as(person, async (connection) => {
    const { operationId } = await connection.request('images.import', {
      path: file,
      format: 'raw',
      alias: imageAlias.parse(alias),
    });
    return await connection.request('operations.wait', { id: operationId });
  });
}

/** The image that a launch of `reference` stands on; the launch goes no further. */
async function launchedOn(person: Person, name: string, reference: string): Promise<string | undefined> {
  return await as(person, async (connection) => {
    const own = instanceName.parse(name);
    const { operationId } = await connection.request('instances.launch', {
      name: own,
      image: imageAlias.parse(reference),
      memoryBytes: 256 * mebibyte,
      diskBytes: 1024 * mebibyte,
      isAllowedWithoutAppArmor: true,
    });
    const ended = connection.request('operations.wait', { id: operationId });
    const fingerprint = await Promise.race([
      expect
        .poll(async () => (await connection.request('instances.info', { name: own })).imageFingerprint, {
          timeout: 60_000,
        })
        .toBeDefined()
        .then(async () => (await connection.request('instances.info', { name: own })).imageFingerprint),
      ended.then(({ error }) => error?.code),
    ]);
    await connection.request('operations.cancel', { id: operationId }).catch(() => undefined); // it may have ended
    await ended;
    return fingerprint;
  });
}

it('no name takes the place of a digest, of the catalogue or of a remote', async () => {
  const { fingerprint } = tiny;
  for (const alias of [
    fingerprint,
    fingerprint.slice(0, 12),
    fingerprint.slice(0, 8),
    'deadbeef',
    '24.04',
    'lts',
    'tiny',
    'debian',
    'debian-12',
    'debian-99',
    'ubuntu',
    'ubuntu-26.04',
    'latest',
  ]) {
    expect(await importAs(mia, alias, 'a'), alias).toMatchObject({ error: { code: 'image.alias-reserved' } });
  }
  await as(mia, async (connection) => {
    const file = await makeDisk('a');
    for (const alias of [fingerprint.toUpperCase(), 'ubuntu:24.04', 'max/mine']) {
      await expect(
        connection.request('images.import', {
          path: file,
          format: 'raw',
          alias: alias as (typeof tiny.aliases)[0] & string,
        }),
        alias,
      ).rejects.toMatchObject({ data: { code: 'request.invalid' } });
    }
  });
  expect(await launchedOn(max, 'on-digest', fingerprint)).toBe(fingerprint);
});

it('a name is its user’s; others find the image by the user’s name or its whole digest', async () => {
  expect(await importAs(mia, 'golden', 'b')).toMatchObject({ state: 'succeeded' });
  const own = await as(mia, async (connection) => await imageOf(connection, 'golden'));
  const others = await as(max, async (connection) => await imageOf(connection, `${mia.uid}/golden`));
  expect(others.fingerprint).toBe(own.fingerprint);
  expect(await launchedOn(max, 'by-word', 'golden')).toBe('image.not-found');
  expect(await importAs(max, 'golden', 'c')).toMatchObject({ state: 'succeeded' });
  expect((await as(mia, async (connection) => await imageOf(connection, 'golden'))).fingerprint).toBe(own.fingerprint);
  await as(max, async (connection) => {
    for (const image of [`${mia.uid}/golden`, own.fingerprint])
      await expect(
        connection.request('images.remove', { image: imageAlias.parse(image) }),
        image,
      ).rejects.toMatchObject({ data: { code: 'auth.denied' } });
    await expect(
      connection.request('images.pin', { image: imageAlias.parse(own.fingerprint.slice(0, 20)), isPinned: true }),
    ).rejects.toMatchObject({ data: { code: 'image.not-found' } });
    await connection.request('images.remove', { image: imageAlias.parse('golden') });
  });
});

it('a name of an older version that is a digest is given up, and its image stays', async () => {
  expect(await importAs(mia, 'plain', 'd')).toMatchObject({ state: 'succeeded' });
  const { fingerprint } = await as(mia, async (connection) => await imageOf(connection, 'plain'));
  await helper.terminate();
  const file = path.join(helper.stateDirectory, 'images', fingerprint, 'image.json');
  const { names: _, ownerUids: __, ...older } = JSON.parse(await readFile(file, 'utf8')) as Record<string, unknown>;
  await writeFile(file, JSON.stringify({ ...older, aliases: [tiny.fingerprint, 'kept'] }));
  await helper.restart();
  expect((await as(max, async (connection) => await imageOf(connection, 'kept'))).aliases).toEqual(['kept']);
  expect(await launchedOn(max, 'on-old', tiny.fingerprint)).toBe(tiny.fingerprint);
  expect(await importAs(max, 'kept', 'e')).toMatchObject({ error: { code: 'image.alias-reserved' } });
});

it('a name that a kill left on two images is the newer one’s', async () => {
  const twice = [];
  for (const content of ['f', 'g']) {
    await importAs(mia, `twice-${content}`, content);
    twice.push((await as(mia, async (connection) => await imageOf(connection, `twice-${content}`))).fingerprint);
  }
  await helper.terminate();
  for (const [index, fingerprint] of twice.entries()) {
    const file = path.join(helper.stateDirectory, 'images', fingerprint, 'image.json');
    const record = JSON.parse(await readFile(file, 'utf8')) as Record<string, unknown>;
    await writeFile(
      file,
      JSON.stringify({
        ...record,
        names: [{ uid: mia.uid, alias: 'twice', since: `2026-01-0${index + 1}T00:00:00.000Z` }],
      }),
    );
  }
  await helper.restart();
  const images = await as(mia, async (connection) => await connection.request('images.list', {}));
  expect(
    images.filter(({ aliases }) => aliases.some((alias) => alias === 'twice')).map(({ fingerprint }) => fingerprint),
  ).toEqual([twice[1]]);
});

it('a user has so many images and no more, and takes nothing from others', async () => {
  await mkdir(helper.configDirectory, { recursive: true, mode: 0o755 });
  await writeFile(path.join(helper.configDirectory, 'quotas.conf'), 'max_images = 1\n', { mode: 0o644 });
  try {
    const before = (await readdir(path.join(helper.stateDirectory, 'images'))).length;
    expect(await importAs(mia, 'too-many', 'h')).toMatchObject({
      error: { code: 'quota.exceeded', params: { uid: mia.uid, limit: 1 } },
    });
    expect(await readdir(path.join(helper.stateDirectory, 'images'))).toHaveLength(before);
    expect(await importAs(max, 'first', 'i')).toMatchObject({ state: 'succeeded' });
    expect((await stat(path.join(helper.stateDirectory, 'images'))).uid).toBe(0);
  } finally {
    await rm(helper.configDirectory, { recursive: true });
  }
});
