// SPDX-License-Identifier: MIT
import { chown, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { methods } from '#contract/methods.ts';
import { protocolVersion, type MethodName } from '#contract/protocol.ts';
import type { HelperConnection } from '../../client/helper-connection.ts';
import type { HelperProcess } from '../support/helper-process.ts';
import { startForMembers, type MembersHelper } from '../support/members-helper.ts';
import { InstanceClient } from '../support/instance-client.ts';
import { actingAs, connectAs, max, mia } from '../support/people.ts';

let members: MembersHelper;
let helper: HelperProcess;
let room: string;
const people: { mia: HelperConnection; max: HelperConnection; root: HelperConnection } = {} as never;
/** What mia has. */
const hers = { instance: 'mias', image: 'mias-image', file: '', operation: '', session: '' };

beforeAll(async () => {
  members = await startForMembers();
  ({ helper, directory: room } = members);
  hers.file = path.join(room, 'private.img');
  await writeFile(hers.file, Buffer.alloc(1024 * 1024), { mode: 0o600 });
  await chown(hers.file, mia.uid, mia.gid);
  Object.assign(people, {
    mia: await connectAs(mia, helper.runDirectory),
    max: await connectAs(max, helper.runDirectory),
    root: await helper.connect(),
  });
  const client = new InstanceClient(people.mia);
  const [launched, imported] = await Promise.all([
    client.launch(hers.instance),
    people.mia
      .request('images.import', { path: hers.file, format: 'raw', alias: hers.image as never })
      .then(async ({ operationId }) => await client.wait(operationId)),
  ]);
  expect([launched.state, imported.state]).toEqual(['succeeded', 'succeeded']);
  hers.operation = launched.id;
  const shell = await people.mia.request('shell.open', {
    name: hers.instance as never,
    size: { columns: 80, rows: 24 },
  });
  hers.session = shell.session;
}, 240_000);
afterAll(async () => {
  for (const connection of Object.values(people)) connection.close();
  await members?.end();
});

/** What comes of it, an operation to its end: `ok` or the code of its error. */
async function outcome(method: MethodName, params: object, connection = people.max): Promise<string> {
  try {
    const answer: unknown = await connection.request(method, params as never);
    if (methods[method].kind !== 'operation') return 'ok';
    const ended = await connection.request('operations.wait', { id: (answer as { operationId: string }).operationId });
    return ended.error?.code ?? 'ok';
  } catch (error) {
    return (error as { code: string }).code;
  }
}

const ofHers = (more: object = {}) => ({ name: hers.instance, ...more });
/** What only the owner may do, with names beside hers. */
function deniedTo(method: MethodName, more: object = {}) {
  return async (): Promise<void> => {
    expect(await outcome(method, ofHers(more))).toBe('auth.denied');
    // the beginning of her instance's name
    expect(await outcome(method, { name: 'mia', ...more })).toBe('instance.not-found');
    for (const name of ['..', '../mias', 'mias/', 'MIAS', '', 'mias\0'])
      expect(await outcome(method, { name, ...more })).toBe('request.invalid');
  };
}

const noImage = ['auth.denied', 'image.not-found'];
/** The word of an image of hers, its digest, and what looks like one. */
async function deniedImage(method: MethodName, more: object = {}): Promise<void> {
  const digest = (await people.mia.request('images.list', {})).find(({ aliases }) =>
    aliases.some((alias) => alias.endsWith(hers.image)),
  )?.fingerprint;
  expect(digest).toBeDefined();
  for (const image of [hers.image, digest, digest?.slice(0, 12)])
    expect(noImage).toContain(await outcome(method, { image, ...more }));
  for (const image of ['..', '../../etc/passwd', ''])
    expect(await outcome(method, { image, ...more })).toBe('request.invalid');
}

/** That the answer says nothing of hers but what everybody may know of an instance. */
function saysNothing(answer: unknown): void {
  const text = JSON.stringify(answer);
  for (const secret of [hers.operation, hers.session, hers.file, room]) expect(text).not.toContain(secret);
}

async function opensForHerAlone(token: string): Promise<void> {
  await expect(actingAs(max, async () => await people.max.openStream(token))).rejects.toMatchObject({
    code: 'stream.unknown',
  });
  (await actingAs(mia, async () => await people.mia.openStream(token))).destroy();
}

/**
 * Each method as max, aimed at what is mia's: a method without an answer here does not pass the type check, nor the
 * suite.
 */
const attacks: { readonly [M in MethodName]: () => Promise<void> } = {
  'system.hello': async () =>
    expect(await outcome('system.hello', { protocol: protocolVersion, client: 'root' })).toBe('ok'),
  'system.info': async () =>
    expect(await people.max.request('system.info', {})).toMatchObject({ caller: { uid: max.uid } }),
  'system.doctor': async () => saysNothing(await people.max.request('system.doctor', {})),
  'events.subscribe': async () => {
    const { snapshot } = await people.max.request('events.subscribe', {});
    expect(snapshot?.operations).toEqual([]);
    expect(snapshot?.instances.map((each) => Object.keys(each).sort())).toEqual([
      ['isOwn', 'name', 'ownerUid', 'state'],
    ]);
    saysNothing(snapshot);
  },
  'events.snapshot': async () => {
    for (const cursor of ['operations ', 'instances ', 'vault ', `instances ${hers.instance.slice(0, 3)}`])
      saysNothing(await people.max.request('events.snapshot', { cursor }));
    for (const cursor of ['', '__proto__ ', 'instances', '../state '])
      expect(await outcome('events.snapshot', { cursor })).toBe('request.invalid');
  },
  'instances.list': async () =>
    expect((await people.max.request('instances.list', {})).map((each) => Object.keys(each).sort())).toEqual([
      ['isOwn', 'name', 'ownerUid', 'state'],
    ]),
  'instances.info': deniedTo('instances.info'),
  'instances.suggest-name': async () =>
    expect((await people.max.request('instances.suggest-name', {})).name).not.toBe(hers.instance),
  'instances.launch': async () => {
    expect(await outcome('instances.launch', { name: hers.instance, image: 'tiny' })).toBe('instance.exists');
    for (const name of ['..', 'a/b', '-x', 'a'.repeat(41)])
      expect(await outcome('instances.launch', { name, image: 'tiny' })).toBe('request.invalid');
    expect(await outcome('instances.launch', { image: '../tiny' })).toBe('request.invalid');
  },
  'instances.start': deniedTo('instances.start'),
  'instances.stop': deniedTo('instances.stop', { force: true }),
  'instances.restart': deniedTo('instances.restart'),
  'instances.pause': deniedTo('instances.pause'),
  'instances.resume': deniedTo('instances.resume'),
  'instances.suspend': deniedTo('instances.suspend'),
  'instances.delete': deniedTo('instances.delete'),
  'instances.recover': deniedTo('instances.recover'),
  'instances.purge': deniedTo('instances.purge'),
  'instances.set': deniedTo('instances.set', { isProtected: true }),
  'instances.security': deniedTo('instances.security'),
  'instances.grant': deniedTo('instances.grant', { path: '/etc/hostname', mode: 'r' }),
  'instances.revoke': deniedTo('instances.revoke', { path: '/etc/hostname' }),
  'instances.set-security': deniedTo('instances.set-security', { mode: 'complain' }),
  'denials.list': deniedTo('denials.list'),
  'denials.own': async () => saysNothing(await people.max.request('denials.own', {})),
  'denials.decide': deniedTo('denials.decide', { id: '0123456789ab', choice: 'keep-blocked' }),
  'operations.list': async () => saysNothing(await people.max.request('operations.list', {})),
  'operations.wait': async () => {
    expect(await outcome('operations.wait', { id: hers.operation })).toBe('operation.not-found');
    expect(await outcome('operations.wait', { id: '../instances/mias' })).toBe('request.invalid');
  },
  'operations.cancel': async () =>
    expect(await outcome('operations.cancel', { id: hers.operation })).toBe('operation.not-found'),
  'images.catalogue': async () => saysNothing(await people.max.request('images.catalogue', {})),
  'images.list': async () => saysNothing(await people.max.request('images.list', {})),
  'images.import': async () => {
    expect(await outcome('images.import', { path: hers.file, format: 'raw', alias: 'stolen' })).toBe(
      'image.source-denied',
    );
    expect(await outcome('images.import', { path: '/etc/shadow', format: 'raw', alias: 'stolen' })).toBe(
      'image.source-denied',
    );
    for (const alias of ['..', 'ubuntu:24.04', '-', '/'])
      expect(await outcome('images.import', { path: '/etc/hostname', format: 'raw', alias })).toBe('request.invalid');
  },
  'images.build': async () => expect(await outcome('images.build', { alias: '../tiny' })).toBe('request.invalid'),
  'images.remove': async () => await deniedImage('images.remove'),
  'images.fetch': async () => expect(await outcome('images.fetch', { alias: '../tiny' })).toBe('request.invalid'),
  'images.import-url': async () =>
    expect(await outcome('images.import-url', { url: `file://${hers.file}`, format: 'raw', alias: 'stolen' })).toBe(
      'request.invalid',
    ),
  'images.verify': async () => {
    for (const image of ['..', '../../etc/passwd', ''])
      expect(await outcome('images.verify', { image })).toBe('request.invalid');
    expect(await outcome('images.verify', { image: 'f'.repeat(64) })).toBe('image.not-found');
  },
  'images.prune': async () => {
    expect(await outcome('images.prune', { isEverything: true })).toBe('auth.denied');
    expect(await people.max.request('images.prune', {})).toEqual({ removed: [], freedBytes: 0 });
  },
  'images.pin': async () => {
    await deniedImage('images.pin', { isPinned: false });
    expect(await outcome('images.pin', { image: 'tiny', isPinned: true })).toBe('auth.denied'); // she asked for it
  },
  'images.remotes': async () => saysNothing(await people.max.request('images.remotes', {})),
  'images.refresh': async () => expect(await outcome('images.refresh', { maxAgeSeconds: -1 })).toBe('request.invalid'),
  'images.settings': async () => expect(await people.max.request('images.settings', {})).not.toHaveProperty('proxy'),
  'images.configure': async () =>
    expect(await outcome('images.configure', { disabled: ['ubuntu'] })).toBe('auth.denied'),
  'console.boots': deniedTo('console.boots'),
  'console.marks': deniedTo('console.marks', { boot: 1 }),
  'console.open': async () => {
    await deniedTo('console.open')();
    await opensForHerAlone((await people.mia.request('console.open', { name: hers.instance as never })).token);
  },
  'mounts.add': deniedTo('mounts.add', { source: '/tmp' }),
  'mounts.remove': deniedTo('mounts.remove'),
  'mounts.reconnect': deniedTo('mounts.reconnect'),
  'mounts.list': deniedTo('mounts.list'),
  'shell.open': async () => {
    await deniedTo('shell.open', { size: { columns: 80, rows: 24 } })();
    await opensForHerAlone(
      (await people.mia.request('shell.open', { name: hers.instance as never, size: { columns: 80, rows: 24 } }))
        .terminal,
    );
  },
  'exec.open': deniedTo('exec.open', { command: ['id'] }),
  'files.open': deniedTo('files.open'),
  'session.signal': async () =>
    expect(await outcome('session.signal', { session: hers.session, signal: 'KILL' })).toBe('stream.unknown'),
  'session.resize': async () =>
    expect(await outcome('session.resize', { session: hers.session, size: { columns: 1, rows: 1 } })).toBe(
      'stream.unknown',
    ),
  'session.wait': async () => expect(await outcome('session.wait', { session: hers.session })).toBe('stream.unknown'),
};

describe("every method, aimed at another's things", () => {
  it('is here', () => expect(Object.keys(attacks).sort()).toEqual(Object.keys(methods).sort()));
  it.each(Object.keys(methods) as MethodName[])('%s', async (method) => await attacks[method]());
});

it("root is refused none of it, and what is mia's is still as it was", async () => {
  expect(await outcome('instances.info', ofHers(), people.root)).toBe('ok');
  expect(await outcome('operations.wait', { id: hers.operation }, people.root)).toBe('ok');
  const info = await people.mia.request('instances.info', { name: hers.instance as never });
  expect(info).toMatchObject({ state: 'running', security: { mode: 'enforce', grants: [] }, mounts: [] });
  expect(JSON.stringify(await people.mia.request('images.list', {}))).toContain(hers.image);
});
