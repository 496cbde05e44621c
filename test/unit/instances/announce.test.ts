// SPDX-License-Identifier: MIT
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { changedInstance } from '#contract/changed-instance.ts';
import type { EventBody, HelperEvent, Snapshot } from '#contract/events.ts';
import { mountSummary, type MountSummary } from '#contract/mounts.ts';
import { instanceName } from '#contract/names.ts';
import { EventLog } from '../../../native-helper/events/event-log.ts';
import type { Instance } from '../../../native-helper/instances/instance/instance.ts';
import { Registry } from '../../../native-helper/instances/instance/registry.ts';
import { announceInstances } from '../../../native-helper/instances/views/announce.ts';
import { Facets } from '../../../native-helper/instances/views/facets.ts';
import { lastErrorFacet } from '../../../native-helper/instances/views/facets/last-error.ts';
import { Journal } from '../../../native-helper/operations/journal.ts';
import { OperationManager } from '../../../native-helper/operations/manager.ts';
import { Files } from '../../../native-helper/store/files.ts';
import { InstanceStore } from '../../../native-helper/store/instance-store.ts';
import { sampleRecord } from '../../support/sample-record.ts';

const log = pino({ level: 'silent' });
const lastError = { code: 'operation.interrupted', params: {}, causes: [] };
const common = { name: 'web', state: 'stopped', ownerUid: 0, isOwn: true };
const mount = mountSummary.parse({
  id: 'aaaaaaaa',
  source: '/srv',
  target: '/srv',
  isReadOnly: false,
  type: 'auto',
  uidMaps: [],
  gidMaps: [],
  state: 'connected',
  since: '2026-03-01T10:20:30.400Z',
  reconnects: 0,
  bytesToGuest: 0,
  bytesFromGuest: 0,
});
let directory: string;
let events: EventLog;
let registry: Registry;
let operations: OperationManager;
let mounts: MountSummary[];
let announceOutdated: () => void;
let facets: Facets;

beforeEach(() => {
  directory = mkdtempSync(path.join(os.tmpdir(), 'berth-announce-'));
  const files = new Files(directory, directory);
  mkdirSync(files.instances);
  registry = new Registry(new InstanceStore(files, log));
  events = new EventLog({ snapshot: () => ({}) as Snapshot, log });
  operations = new OperationManager({ journal: new Journal(files, log), events, log });
  facets = new Facets({ operations, log });
  mounts = [];
  facets.add(lastErrorFacet(), { name: 'mounts', summary: () => ({ mounts }) });
  announceOutdated = announceInstances({ registry, facets, operations }, (view) => events.publish(view));
});
afterEach(() => rmSync(directory, { recursive: true }));

/** All that a user's client is told of instances from now on. */
async function follow(uid: number, isChangesOnly: boolean): Promise<EventBody[]> {
  const told: EventBody[] = [];
  const connection = {
    actor: { uid, gid: uid, pid: 1 },
    closed: new AbortController().signal,
    isCongested: false,
    notify: (_: string, params: object) => {
      const { body } = params as HelperEvent;
      if (body.topic.startsWith('instance.')) told.push(body);
    },
    onDrain: () => () => undefined,
    cutOff: () => undefined,
  };
  await events.subscribe({ connection, afterReply: (action) => action() }, undefined, false, { isChangesOnly });
  return told;
}

async function newInstance(): Promise<Instance> {
  return await registry.add(sampleRecord(instanceName.parse('web')));
}

test('who did not ask is told the whole instance, and who did what changed of it', async () => {
  const [whole, changes] = [await follow(0, false), await follow(0, true)];
  const instance = await newInstance();
  registry.touch(instance);
  await registry.update(instance, () => ({ lastError }));
  await registry.update(instance, () => ({ lastError: undefined }));
  const told = (more: object): object => ({ topic: 'instance.changed', instance: { ...common, mounts: [], ...more } });
  expect(JSON.parse(JSON.stringify(whole))).toEqual([told({}), told({}), told({ lastError }), told({})]);
  expect(JSON.parse(JSON.stringify(changes))).toEqual([
    told({}),
    { topic: 'instance.changed', instance: { ...common, lastError }, fields: ['lastError'] },
    { topic: 'instance.changed', instance: common, fields: ['lastError'] },
  ]);
});

test('figures go through an event of their own, to who asked for changes and may see the instance', async () => {
  mounts = [mount];
  const instance = await newInstance();
  const [whole, changes, others] = [await follow(0, false), await follow(0, true), await follow(4000, true)];
  mounts = [{ ...mount, bytesToGuest: 7 }];
  registry.touch(instance);
  expect(whole).toMatchObject([{ topic: 'instance.changed', instance: { mounts: [{ bytesToGuest: 7 }] } }]);
  expect(changes).toEqual([
    { topic: 'instance.figures', name: 'web', mounts: [{ id: 'aaaaaaaa', bytesToGuest: 7, bytesFromGuest: 0 }] },
  ]);
  expect(others).toEqual([]);
});

test('others are told of a state that changed and of nothing else', async () => {
  const instance = await newInstance();
  const others = await follow(4000, true);
  await registry.update(instance, () => ({ lastError }));
  await registry.update(instance, () => ({ deletedAt: '2026-03-01T10:20:30.400Z' }));
  expect(others).toEqual([
    { topic: 'instance.changed', instance: { ...common, state: 'deleted', isOwn: false }, fields: ['state'] },
  ]);
});

test("an operation's progress is none of the instance", async () => {
  await newInstance();
  const changes = await follow(0, true);
  const actor = { uid: 0, gid: 0, pid: 1 };
  const { operationId } = await operations.start({ kind: 'start', target: 'web', actor }, async (job) => {
    for (const step of ['one', 'two', 'three']) job.report({ step });
  });
  await operations.wait(operationId, actor, AbortSignal.timeout(5000));
  expect(changes).toMatchObject([
    { fields: ['state', 'operation'], instance: { state: 'starting', operation: { id: operationId, kind: 'start' } } },
    { fields: ['state', 'operation'], instance: { state: 'stopped' } },
  ]);
});

test('a snapshot has nothing that is not told as a change too, so that its end is one', async () => {
  const instance = await newInstance();
  const earlier = await follow(0, true);
  announceOutdated();
  expect(earlier).toEqual([]);

  mounts = [mount];
  const following = follow(0, true);
  announceOutdated();
  let view = facets.summary(instance, { uid: 0, gid: 0, pid: 1 });
  const later = await following;
  expect(earlier).toMatchObject([{ fields: ['mounts'], instance: { mounts: [{ id: 'aaaaaaaa' }] } }]);
  mounts = [];
  registry.touch(instance);
  for (const body of later) if (body.topic === 'instance.changed') view = changedInstance(view, body);
  expect(view.mounts).toEqual([]);
});

test('one whose launch told of it and did not come to a record is told to be gone', async () => {
  const told = await follow(0, true);
  rmSync(path.join(directory, 'instances'), { recursive: true });
  writeFileSync(path.join(directory, 'instances'), 'a file where the directory should be');
  const actor = { uid: 0, gid: 0, pid: 1 };
  const { operationId } = await operations.start({ kind: 'launch', target: 'web', actor }, async (job) => {
    const made = newInstance();
    job.report({ step: 'disk' });
    await made;
  });
  expect(await operations.wait(operationId, actor, AbortSignal.timeout(5000))).toMatchObject({ state: 'failed' });
  expect(told).toMatchObject([
    { topic: 'instance.changed', instance: { name: 'web', state: 'creating' } },
    { topic: 'instance.removed', name: 'web' },
  ]);
});

test('one whose record cannot be read is told to be gone once it is removed', async () => {
  const broken = path.join(directory, 'instances', 'old');
  mkdirSync(broken);
  writeFileSync(path.join(broken, 'instance.json'), 'none');
  await registry.load();
  const told = await follow(0, true);
  await registry.removeBroken(instanceName.parse('old'));
  expect(told).toEqual([{ topic: 'instance.removed', name: 'old' }]);
});
