// SPDX-License-Identifier: MIT
import { randomUUID } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { fingerprint, instanceName, macAddress } from '#contract/names.ts';
import { createLogger } from '../../native-helper/core/log.ts';
import { Files } from '../../native-helper/store/files.ts';
import { InstanceStore } from '../../native-helper/store/instance-store.ts';

/** Writes stopped instances `stored-1` … through the product's own store. Returns the files' names. */
export async function storeInstances(stateDirectory: string, count: number): Promise<Files> {
  const files = new Files(stateDirectory, '/nonexistent');
  await mkdir(files.instances, { recursive: true, mode: 0o711 });
  const store = new InstanceStore(files, createLogger('error'));
  for (let number = 1; number <= count; number += 1) {
    const name = instanceName.parse(`stored-${number}`);
    const id = number.toString(16).padStart(8, '0');
    const at = new Date(Date.UTC(2026, 0, 1, 0, number)).toISOString();
    await store.create({
      schema: 2,
      revision: 0,
      id,
      uuid: randomUUID(),
      name,
      owner: { uid: 0, gid: 0 },
      runAs: { uid: 900_000 + number, gid: 900_000 + number },
      createdAt: at,
      launchedAt: at,
      desired: 'stopped',
      image: {
        fingerprint: fingerprint.parse('0'.repeat(64)),
        title: 'Tiny',
        os: 'debian',
        release: '12',
        defaultUser: 'berth',
        architecture: 'x86_64',
      },
      cpus: 1,
      memoryBytes: 1024 ** 3,
      diskBytes: 5 * 1024 ** 3,
      mac: macAddress.parse(`52:54:00:00:${id.slice(4, 6)}:${id.slice(6)}`),
      hostKey: 'ssh-ed25519 AAAA',
      boots: [{ number: 1, startedAt: at, endedAt: at, phases: [] }],
    });
  }
  return files;
}
