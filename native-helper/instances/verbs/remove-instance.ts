// SPDX-License-Identifier: MIT
import type { Instance } from '../instance/instance.ts';
import { release, type ReleaseServices } from './release.ts';
import type { InstanceServices } from '../instance/services.ts';

/**
 * Removes an instance for good, with what was made for it outside its directory: another of its name begins anew. The
 * name is free first, by one rename; what comes then is done at the next start where this helper does not come to it.
 */
export async function removeInstance(
  services: Pick<InstanceServices, 'registry' | 'store'> & ReleaseServices,
  instance: Instance,
): Promise<void> {
  const { registry, store } = services;
  const directory = await registry.remove(instance);
  if (await release(services, instance.record)) await store.empty(directory);
}
