// SPDX-License-Identifier: MIT
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { pino } from 'pino';
import { expect, test } from 'vitest';
import { instanceName } from '#contract/names.ts';
import { Registry } from '../../../native-helper/instances/instance/registry.ts';
import { Files } from '../../../native-helper/store/files.ts';
import { InstanceStore } from '../../../native-helper/store/instance-store.ts';
import { sampleRecord } from '../../support/sample-record.ts';

const record = sampleRecord(instanceName.parse('gone'));

test('a change that comes after the removal neither writes the record back nor announces the instance again', async () => {
  const directory = await mkdtemp(path.join(os.tmpdir(), 'berth-registry-'));
  try {
    const files = new Files(directory, directory);
    const store = new InstanceStore(files, pino({ level: 'silent' }));
    const registry = new Registry(store);
    await registry.load();
    const instance = await registry.add(record);
    const told: string[] = [];
    registry.on('changed', ({ name }) => told.push(`changed ${name}`));
    registry.on('removed', ({ name }) => told.push(`removed ${name}`));
    const [aside] = await Promise.all([
      registry.remove(instance),
      registry.update(instance, () => ({ desired: 'stopped' })),
    ]);
    await store.empty(aside);
    expect(told).toEqual(['removed gone']);
    expect(registry.find(instanceName.parse('gone'))).toBeUndefined();
    expect(await readdir(files.instances)).toEqual([]);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
});
