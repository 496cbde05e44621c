// SPDX-License-Identifier: MIT
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { pino } from 'pino';
import { expect, test } from 'vitest';
import { instanceName } from '#contract/names.ts';
import { Registry } from '../../../native-helper/instances/registry.ts';
import { Files } from '../../../native-helper/store/files.ts';
import { instanceRecord } from '../../../native-helper/store/instance-record.ts';
import { InstanceStore } from '../../../native-helper/store/instance-store.ts';

const record = instanceRecord.parse({
  schema: 1, revision: 0, id: '0badcafe', uuid: '4f1c1d0e-6f0e-4a3f-9a55-3f6f6a0c9d11', name: 'gone', owner: { uid: 0, gid: 0 }, runAs: { uid: 1, gid: 1 },
  createdAt: '2026-01-01T00:00:00.000Z', desired: 'running',
  image: { fingerprint: '0'.repeat(64), title: 'Tiny', os: 'tiny', release: '12', defaultUser: 'berth', architecture: 'x86_64' },
  cpus: 1, memoryBytes: 256 * 2 ** 20, diskBytes: 2 ** 30, mac: '52:54:00:00:00:01', hostKey: 'ssh-ed25519 AAAA', boots: [],
});

test('a change that comes after the removal neither writes the record back nor announces the instance again', async () => {
  const directory = await mkdtemp(path.join(os.tmpdir(), 'berth-registry-'));
  try {
    const files = new Files(directory, directory);
    const registry = new Registry(new InstanceStore(files, pino({ level: 'silent' })));
    await registry.load();
    const instance = await registry.add(record);
    const told: string[] = [];
    registry.on('changed', ({ name }) => told.push(`changed ${name}`));
    registry.on('removed', ({ name }) => told.push(`removed ${name}`));
    await Promise.all([registry.remove(instance), registry.update(instance, () => ({ desired: 'stopped' }))]);
    expect(told).toEqual(['removed gone']);
    expect(registry.find(instanceName.parse('gone'))).toBeUndefined();
    expect(await readdir(files.instances)).toEqual([]);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
});
