// SPDX-License-Identifier: MIT
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { pino } from 'pino';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { instanceDetails, instanceSummary } from '#contract/instances.ts';
import { instanceName } from '#contract/names.ts';
import { HostSecurity } from '../../../native-helper/confinement/host-security.ts';
import type { Facet } from '../../../native-helper/core/seams/instances.ts';
import { Instance } from '../../../native-helper/instances/instance/instance.ts';
import { Facets } from '../../../native-helper/instances/views/facets.ts';
import { ownFacets } from '../../../native-helper/instances/views/own-facets.ts';
import { LinuxNetwork } from '../../../native-helper/network/linux-backend.ts';
import { Journal } from '../../../native-helper/operations/journal.ts';
import { OperationManager } from '../../../native-helper/operations/manager.ts';
import { LocalProcessRunner } from '../../../native-helper/process/runner.ts';
import { Files } from '../../../native-helper/store/files.ts';
import { sampleRecord } from '../../support/sample-record.ts';

const root = { uid: 0, gid: 0, pid: 1 };
const stranger = { uid: 4000, gid: 4000, pid: 1 };
const { signal } = new AbortController();
const directory = mkdtempSync(path.join(os.tmpdir(), 'berth-facets-'));
afterAll(() => rmSync(directory, { recursive: true }));

const files = new Files(directory, directory);
const log = pino({ level: 'silent' });
const operations = new OperationManager({
  journal: new Journal(files, log),
  events: { sequence: 0, publish: () => undefined },
  log,
});
const network = new LinuxNetwork({ files, runner: new LocalProcessRunner(), log });
const lastError = { code: 'operation.interrupted', params: {}, causes: [] };
const failed = { ...sampleRecord(instanceName.parse('web')), lastError };
let own: readonly Facet<Instance>[];
let facets: Facets;
let instance: Instance;
beforeEach(() => {
  own = ownFacets({ files, hostSecurity: new HostSecurity(directory), network, operations });
  facets = new Facets({ operations, log });
  facets.add(...own);
  instance = new Instance(failed);
});

test('each field that is told of an instance is told by one facet', () => {
  const told = own.flatMap((facet) => Object.keys({ ...facet.summary?.(instance), ...facet.details?.(instance) }));
  expect(told.toSorted()).toEqual([...new Set(told)].toSorted());
  const common = ['name', 'state', 'ownerUid', 'isOwn', 'operation', 'isShortened'];
  const elsewhere = ['mounts', 'denials', 'brokenReason', 'brokenHint'];
  expect([...new Set([...Object.keys(facets.summary(instance, root)), ...common, ...elsewhere])].toSorted()).toEqual(
    Object.keys(instanceSummary.shape).toSorted(),
  );
});

test('details have the summary, and what was looked at', async () => {
  const details = await facets.details(instance, root, signal);
  expect(instanceDetails.parse(details)).toMatchObject({
    ...JSON.parse(JSON.stringify(facets.summary(instance, root))),
    hostName: 'web',
    boots: [],
    label: { profile: 'multipass.web.qemu-system-x86_64' },
  });
});

describe('a facet that was added', () => {
  const mounts = { name: 'mounts', summary: () => ({ mounts: [] }), details: () => ({ pid: 7 }) };

  test("is shown to the instance's owner and to root", async () => {
    facets.add(mounts);
    expect(facets.summary(instance, root)).toMatchObject({ mounts: [] });
    expect(facets.summary(instance, root)).not.toHaveProperty('pid');
    expect(await facets.details(instance, root, signal)).toMatchObject({ mounts: [], pid: 7 });
    expect(facets.summary(instance, stranger)).toEqual({ name: 'web', state: 'stopped', ownerUid: 0, isOwn: false });
  });

  test('costs its own fields and nothing else where it fails', async () => {
    const fail = (): never => {
      throw new Error('no');
    };
    facets.add({ name: 'one', summary: fail, details: fail, look: async () => fail() }, mounts);
    expect(facets.summary(instance, root)).toMatchObject({ image: 'Tiny', mounts: [] });
    expect(await facets.details(instance, root, signal)).toMatchObject({ hostName: 'web', pid: 7 });
    await expect(facets.details(instance, root, AbortSignal.abort())).rejects.toThrow('abort');
  });
});

test('an error of the record is read once for all that are told of it', () => {
  const told = facets.summary(instance, root).lastError;
  expect(told).toEqual(lastError);
  expect(facets.summary(instance, root).lastError).toBe(told);
  instance.record = { ...failed, lastError: { ...lastError, code: 'guest.stop-timeout' } };
  expect(facets.summary(instance, root).lastError).toMatchObject({ code: 'guest.stop-timeout' });
  instance.record = sampleRecord(instance.name);
  expect(facets.summary(instance, root).lastError).toBeUndefined();
});
