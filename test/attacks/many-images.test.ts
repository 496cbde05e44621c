// SPDX-License-Identifier: MIT
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { chown, mkdir, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { localHost } from '#contract/hosts.ts';
import { localBackend } from '../../electron/link/backend.ts';
import type { LinkMessage } from '#contract/desktop.ts';
import type { ImageLists } from '#contract/events.ts';
import { limits, socketNames } from '#contract/protocol.ts';
import { allImages, allOfCatalogue } from '../../client/list-all.ts';
import { HelperLink } from '../../electron/link/helper-link.ts';
import { RawClient } from '../integration/rpc/rpc-rig.ts';
import { startHelper, type HelperProcess } from '../support/helper-process.ts';
import { actingAs, connectAs, forMembers, max, mia } from '../support/people.ts';

/** What a member can have where the administrator lets her, or forty members by the quota of each. */
const count = 2000;
const title = 'ü'.repeat(120);
const aliasOf = (index: number): string => `mine-${String(count - index).padStart(4, '0')}${'x'.repeat(50)}`;

let helper: HelperProcess;
const fingerprints: string[] = [];

beforeAll(async () => {
  helper = await startHelper({ args: forMembers, seedImages: false });
  await helper.terminate();
  for (let index = 0; index < count; index += 1) await makeImport(index);
  await helper.restart();
});
afterAll(async () => {
  await helper?.stop();
});

/** As an import of mia's leaves it in the vault, but for a disk of no use. */
async function makeImport(index: number): Promise<void> {
  const disk = `disk ${index}`;
  const fingerprint = createHash('sha256').update(disk).digest('hex');
  const addedAt = new Date(Date.UTC(2026, 0, 1) + index * 1000).toISOString();
  const record = {
    schema: 1,
    fingerprint,
    aliases: [],
    ownerUids: [mia.uid],
    names: [{ uid: mia.uid, alias: aliasOf(index), since: addedAt }],
    title,
    os: 'Linux',
    release: '1',
    architecture: 'x86_64',
    origin: 'imported',
    defaultUser: 'ubuntu',
    virtualBytes: 1 << 30,
    fileBytes: disk.length,
    boot: 'disk',
    addedAt,
  };
  const place = path.join(helper.stateDirectory, 'images', fingerprint);
  await mkdir(place, { mode: 0o710 });
  await chown(place, 0, 1_880_000_000 + index);
  await writeFile(path.join(place, 'disk.qcow2'), disk);
  await writeFile(path.join(place, 'image.json'), JSON.stringify(record));
  fingerprints.push(fingerprint);
}

async function removeOne(): Promise<void> {
  const connection = await connectAs(mia, helper.runDirectory);
  await connection.request('images.remove', { image: fingerprints.pop() as never });
  connection.close();
}

it('another member, who follows the events, is sent no message beyond the limit and stays connected', async () => {
  const socket = actingAs(max, () => connect({ path: path.join(helper.runDirectory, socketNames.rpc) }));
  await once(socket, 'connect');
  const client = new RawClient(socket);
  await client.greet();
  client.send({ jsonrpc: '2.0', id: 'subscribe', method: 'events.subscribe', params: { pages: true } });
  await client.message(({ id }) => id === 'subscribe');
  await removeOne();
  const event = await client.message(
    ({ method, params }) => method === 'event' && JSON.stringify(params).includes('"topic":"images.'),
  );
  expect(Buffer.byteLength(JSON.stringify(event))).toBeLessThan(1024);
  expect(Math.max(...client.messages.map((each) => Buffer.byteLength(JSON.stringify(each))))).toBeLessThan(
    limits.messageBytes,
  );
  client.send({ jsonrpc: '2.0', id: 'after', method: 'images.remotes', params: {} });
  await client.message(({ id }) => id === 'after');
  socket.destroy();
});

it('his command line can list the catalogue and the vault, in their order', async () => {
  const connection = await connectAs(max, helper.runDirectory);
  expect(
    await connection.request('images.catalogue', {}).then(
      () => 'fits',
      (error: unknown) => (error as { code: string }).code,
    ),
  ).toBe('request.too-large');
  expect((await allImages(connection)).map(({ fingerprint }) => fingerprint)).toEqual(fingerprints);
  expect(
    (await allOfCatalogue(connection))
      .filter(({ origin }) => origin === 'imported')
      .map(({ fingerprint }) => fingerprint),
  ).toEqual(fingerprints);
  connection.close();
});

it('a window has them all, and sees one go', async () => {
  const messages: LinkMessage[] = [];
  const link = new HelperLink({
    host: localHost,
    backend: localBackend(helper.runDirectory, 'test'),
    onMessage: (message) => messages.push(message),
    log: () => {},
  });
  link.start();
  const ofKind = <Kind extends LinkMessage['kind']>(kind: Kind): Extract<LinkMessage, { kind: Kind }>[] =>
    messages.filter((each): each is Extract<LinkMessage, { kind: Kind }> => each.kind === kind);
  try {
    const fingerprintsOf = (images: ImageLists | undefined): string[] | undefined =>
      images?.vault.map(({ fingerprint }) => fingerprint);
    await expect.poll(() => fingerprintsOf(ofKind('snapshot')[0]?.snapshot), { timeout: 20_000 }).toEqual(fingerprints);
    await removeOne();
    await expect.poll(() => fingerprintsOf(ofKind('images').at(-1)?.images), { timeout: 20_000 }).toEqual(fingerprints);
    expect(ofKind('link').map(({ link: { state } }) => state)).toEqual(['connected']);
    expect(ofKind('snapshot')).toHaveLength(1);
  } finally {
    link.stop();
  }
});
