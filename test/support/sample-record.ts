// SPDX-License-Identifier: MIT
import type { InstanceName } from '#contract/names.ts';
import { instanceRecord, type InstanceRecord } from '../../native-helper/store/instance-record.ts';

/** A record as a launch begins one, for tests that need an instance and no machine. */
export function sampleRecord(name: InstanceName): InstanceRecord {
  return instanceRecord.parse({
    schema: 2,
    revision: 0,
    id: '0badcafe',
    uuid: '4f1c1d0e-6f0e-4a3f-9a55-3f6f6a0c9d11',
    name,
    owner: { uid: 0, gid: 0 },
    runAs: { uid: 1, gid: 1 },
    createdAt: '2026-01-01T00:00:00.000Z',
    desired: 'running',
    image: {
      fingerprint: '0'.repeat(64),
      title: 'Tiny',
      os: 'tiny',
      release: '12',
      defaultUser: 'berth',
      architecture: 'x86_64',
    },
    cpus: 1,
    memoryBytes: 256 * 2 ** 20,
    diskBytes: 2 ** 30,
    mac: '52:54:00:00:00:01',
    hostKey: 'ssh-ed25519 AAAA',
    boots: [],
  });
}
