// SPDX-License-Identifier: MIT
import { instanceName, macAddress } from '#contract/names.ts';
import { createLogger } from '../../native-helper/core/log.ts';
import { Files } from '../../native-helper/store/files.ts';
import { InstanceStore } from '../../native-helper/store/instance-store.ts';
import type { HelperProcess } from './helper-process.ts';
import type { Person } from './people.ts';
import { sampleRecord } from './sample-record.ts';

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
    await store.create({
      ...sampleRecord(instanceName.parse(name)),
      id: `00c0ffe${index}`,
      uuid: `6f1c1b8e-4f6b-4a38-9a0a-00000000000${index}`,
      owner,
      runAs: { uid: 1_900_000_000 + index, gid: 1_900_000_000 + index },
      desired: 'stopped',
      mac: macAddress.parse(`52:54:00:12:34:5${index}`),
      ...more,
    });
}
