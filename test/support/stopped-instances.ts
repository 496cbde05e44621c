// SPDX-License-Identifier: MIT
import { instanceName } from '#contract/names.ts';
import { createLogger } from '../../native-helper/core/log.ts';
import { Files } from '../../native-helper/store/files.ts';
import { instanceRecord } from '../../native-helper/store/instance-record.ts';
import { InstanceStore } from '../../native-helper/store/instance-store.ts';
import type { HelperProcess } from './helper-process.ts';
import type { Person } from './people.ts';

export interface StoppedInstance {
  readonly name: string;
  readonly owner: Person;
  /** More of the record. */
  readonly more?: object;
}

/** Stores instances that were never booted, on an image that is not here, while the helper does not run. */
export async function storeStopped(
  { stateDirectory, runDirectory }: HelperProcess,
  instances: readonly StoppedInstance[],
): Promise<void> {
  const store = new InstanceStore(new Files(stateDirectory, runDirectory), createLogger('silent'));
  for (const [index, { name, owner, more }] of instances.entries())
    await store.create(
      instanceRecord.parse({
        schema: 2,
        revision: 0,
        id: `00c0ffe${index}`,
        uuid: `6f1c1b8e-4f6b-4a38-9a0a-00000000000${index}`,
        name: instanceName.parse(name),
        owner,
        runAs: { uid: 1_900_000_000 + index, gid: 1_900_000_000 + index },
        createdAt: '2026-01-01T00:00:00.000Z',
        desired: 'stopped',
        image: {
          fingerprint: 'ab'.repeat(32),
          title: 'Tiny',
          os: 'tiny',
          release: '12',
          defaultUser: 'tiny',
          architecture: 'x86_64',
        },
        cpus: 1,
        memoryBytes: 256 * 1024 ** 2,
        diskBytes: 1024 ** 3,
        mac: `52:54:00:12:34:5${index}`,
        hostKey: 'ssh-ed25519 AAAA',
        boots: [],
        ...more,
      }),
    );
}
