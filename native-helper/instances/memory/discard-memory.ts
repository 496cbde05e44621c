// SPDX-License-Identifier: MIT
import type { Instance } from '../instance/instance.ts';
import type { InstanceServices } from '../instance/services.ts';
import { removeMemory } from './saved-memory.ts';

/** From here on there is no saved memory of the instance, durably; its disk is as it is. */
export async function discardMemory(
  { registry, files, log }: Pick<InstanceServices, 'registry' | 'files' | 'log'>,
  instance: Instance,
): Promise<void> {
  if (instance.record.suspended) await registry.update(instance, () => ({ suspended: undefined, desired: 'stopped' }));
  await removeMemory(files.instance(instance.name), log);
}
