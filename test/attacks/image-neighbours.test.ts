// SPDX-License-Identifier: MIT
// What one member does with images of her own, and what others have of it: nothing.
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { chmod, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { fingerprint, imageAlias } from '../../contract/names.ts';
import type { OperationAccepted } from '../../contract/instances.ts';
import { mebibyte } from '../../contract/units.ts';
import type { HelperConnection } from '../../client/helper-connection.ts';
import type { ImageRecord } from '../../native-helper/images/vault/image-record.ts';
import { ownedBy } from '../../native-helper/images/vault/owned-by.ts';
import { Vault } from '../../native-helper/images/vault/vault.ts';
import { Files } from '../../native-helper/store/files.ts';
import { ImageRig } from '../support/image-rig.ts';
import { operationContext } from '../support/operation-context.ts';
import { tinyImage } from '../support/tiny-image.ts';
import type { HelperProcess } from '../support/helper-process.ts';
import { startForMembers, type MembersHelper } from '../support/members-helper.ts';
import { ImageServer } from '../support/image-server.ts';
import { putSimplestreams } from '../support/image-trees.ts';
import { actingAs, connectAs, max, mia, stranger, type Person } from '../support/people.ts';
import { withoutBuiltIn } from '../support/publisher.ts';

let members: MembersHelper;
let helper: HelperProcess;
let server: ImageServer;
let directory: string;
let disk: Buffer;
let sha256: string;
let hers: HelperConnection;
let his: HelperConnection;
let roots: HelperConnection;

beforeAll(async () => {
  members = await startForMembers();
  ({ helper, directory } = members);
  await promisify(execFile)('qemu-img', ['create', '-q', '-f', 'qcow2', path.join(directory, 'disk'), '4M']);
  disk = await readFile(path.join(directory, 'disk'));
  sha256 = createHash('sha256').update(disk).digest('hex');
  server = await ImageServer.start();
  for (const name of ['hers', 'his', 'roots', 'secret']) server.put(name, disk);
  putSimplestreams(server, '', [
    {
      version: '24.04',
      codename: 'noble',
      aliases: 'noble',
      builds: { '1': { ftype: 'disk1.img', path: 'published', content: disk } },
    },
  ]);
  await mkdir(helper.configDirectory);
  await chmod(helper.configDirectory, 0o755);
  await writeFile(path.join(helper.configDirectory, 'policy.conf'), 'image_networks = [ "127.0.0.1/32" ]\n', {
    mode: 0o644,
  }); // where the servers of members are
  [hers, his, roots] = [
    await connectAs(mia, helper.runDirectory),
    await connectAs(max, helper.runDirectory),
    await helper.connect(),
  ];
  await roots.request(
    'images.configure',
    withoutBuiltIn(await roots.request('images.remotes', {}), { remotes: [{ name: 'local', url: server.url }] }),
  );
});
afterAll(async () => {
  for (const each of [hers, his, roots]) each?.close();
  await members?.end();
  await server?.close();
});

async function ended(connection: HelperConnection, { operationId }: OperationAccepted): Promise<string> {
  const { state, error } = await connection.request('operations.wait', { id: operationId });
  return error?.code ?? state;
}

async function fetchBy(connection: HelperConnection, name: string, more: object = {}): Promise<OperationAccepted> {
  return await connection.request('images.import-url', {
    url: `${server.url}${name}`,
    format: 'qcow2',
    alias: imageAlias.parse(`own-${name.replace(/\?.*/, '')}`),
    sha256,
    ...more,
  });
}

it('a member’s slow server holds up nobody who has the same digest from elsewhere', async () => {
  server.misbehave('hers', { kind: 'slow', bytesPerSecond: 100 });
  const slow = await fetchBy(hers, 'hers');
  await expect.poll(() => server.seen.some((each) => each.path === '/hers'), { timeout: 30_000 }).toBe(true);
  expect(await ended(his, await fetchBy(his, 'his'))).toBe('succeeded');
  expect(await ended(roots, await fetchBy(roots, 'roots'))).toBe('succeeded');
  expect(await ended(his, await his.request('images.fetch', { alias: imageAlias.parse('local:24.04') }))).toBe(
    'succeeded',
  );
  expect(server.seen.some((each) => each.path === '/published')).toBe(true);
  const { operationId } = slow;
  expect((await hers.request('operations.list', {})).find(({ id }) => id === operationId)?.state).toBe('running');
  await hers.request('operations.cancel', { id: operationId });
  await ended(hers, slow);
});

it('nobody reads in a list of processes what a URL has in it', async () => {
  server.misbehave('secret', { kind: 'slow', bytesPerSecond: 100 });
  const fetching = await fetchBy(hers, 'secret?token=hers-alone');
  await expect.poll(() => server.seen.some((each) => each.path === '/secret'), { timeout: 30_000 }).toBe(true);
  const lines = (await readdir('/proc'))
    .filter((name) => /^\d+$/.test(name))
    .map((pid) =>
      actingAs(stranger, () => {
        try {
          return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
        } catch {
          return ''; // it ended
        }
      }),
    );
  expect(lines.filter((line) => line.includes('fetch.mjs'))).not.toEqual([]);
  expect(lines.filter((line) => line.includes('hers-alone'))).toEqual([]);
  await hers.request('operations.cancel', { id: fetching.operationId });
  await ended(hers, fetching);
});

it('what one said of a disk counts for nobody else who has it', async () => {
  const file = path.join(directory, 'same.raw');
  await writeFile(file, Buffer.alloc(mebibyte, 'same'), { mode: 0o644 });
  for (const [connection, alias, defaultUser] of [
    [hers, 'same', 'sync'],
    [his, 'same', 'debian'],
    [roots, 'corporate', 'admin'],
  ] as const) {
    expect(
      await ended(
        connection,
        await connection.request('images.import', {
          path: file,
          format: 'raw',
          alias: imageAlias.parse(alias),
          title: `of ${defaultUser}`,
          defaultUser,
        }),
      ),
    ).toBe('succeeded');
  }
  const shown = async (connection: HelperConnection): Promise<object | undefined> =>
    (await connection.request('images.list', {})).find(({ aliases }) => aliases.some((alias) => alias === 'corporate'));
  expect(await shown(hers)).toMatchObject({ title: 'of sync', defaultUser: 'sync' });
  expect(await shown(his)).toMatchObject({ title: 'of debian', defaultUser: 'debian' });
  expect(await shown(roots)).toMatchObject({ title: 'of admin', defaultUser: 'admin' });
  const named = Object.fromEntries(
    (await his.request('images.catalogue', {}))
      .filter(({ title }) => title.startsWith('of '))
      .map(({ alias, defaultUser }) => [alias, defaultUser]),
  );
  expect(named).toEqual({ same: 'debian', corporate: 'admin', [`${mia.uid}/same`]: 'sync' });
});

it('where a member’s image came from is told to her alone, and to root', async () => {
  const own = Buffer.alloc(mebibyte, 'hers alone');
  server.put('token', own);
  expect(
    await ended(
      hers,
      await fetchBy(hers, 'token?secret=hers-alone', {
        format: 'raw',
        sha256: createHash('sha256').update(own).digest('hex'),
      }),
    ),
  ).toBe('succeeded');
  const [toHer, toHim, toRoot] = await Promise.all(
    [hers, his, roots].map(async (each) =>
      JSON.stringify([await each.request('images.list', {}), await each.request('images.catalogue', {})]),
    ),
  );
  expect([toHer?.includes('hers-alone'), toHim?.includes('hers-alone'), toRoot?.includes('hers-alone')]).toEqual([
    true,
    false,
    true,
  ]);
  expect(toHim).toContain(`${mia.uid}/own-token`);
});

it('a file that one member called by another format is not what others get of it', async () => {
  const files = new Files(path.join(directory, 'state'), path.join(directory, 'run'));
  const vault = new Vault(files, pino({ level: 'silent' }), { changed: () => undefined, isUsed: async () => false });
  await vault.load();
  const fetched = async ({ uid }: Person, content: string): Promise<ImageRecord> =>
    await vault.take(async (staged) => {
      await writeFile(path.join(staged, 'disk.qcow2'), content);
      return {
        schema: 1,
        ...ownedBy(uid, { alias: imageAlias.parse('both'), defaultUser: 'x' }),
        fingerprint: fingerprint.parse('a'.repeat(64)),
        diskDigest: null,
        architecture: 'x86_64',
        virtualBytes: 512,
        fileBytes: content.length,
        boot: 'disk',
        addedAt: new Date().toISOString(),
      };
    });
  await Promise.all([fetched(mia, 'one'), fetched(max, 'other')]);
  const contents = await Promise.all(
    [mia, max].map(
      async ({ uid }) =>
        await readFile(files.image(vault.named('both', uid)?.fingerprint ?? ('none' as never)).disk, 'utf8'),
    ),
  );
  await vault.settled();
  expect(contents).toEqual(['one', 'other']);
});

it('an image that one launches from is removed by nobody before the launch has noted it', async () => {
  await using rig = await ImageRig.start();
  const [mine, other] = [await rig.open(), operationContext({ uid: max.uid })];
  const {
    image: { fingerprint: tiny },
  } = await mine.adoptBuilt(await tinyImage());
  const held = await mine.hold('tiny', other);
  await expect(mine.remove(tiny, { uid: 0 })).rejects.toMatchObject({ code: 'image.in-use' });
  expect((await mine.prune(() => false, true)).removed).toEqual([]);
  // the catalogue's, and another wanted it
  await expect(mine.remove(tiny, mia)).rejects.toMatchObject({ code: 'auth.denied' });
  held[Symbol.dispose]();
  await expect(mine.remove(tiny, mia)).rejects.toMatchObject({ code: 'auth.denied' });
  await mine.remove(tiny, { uid: 0 });
  expect(mine.base(tiny)).toBeUndefined();
});
