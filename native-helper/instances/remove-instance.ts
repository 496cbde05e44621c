// SPDX-License-Identifier: MIT
import { profileName } from '../confinement/profile.ts';
import { messageOf } from '../core/errors.ts';
import { closeAllGrants } from './grants.ts';
import type { Instance } from './instance.ts';
import type { InstanceServices } from './services.ts';

/** Removes an instance for good, with what was made for it outside its directory: another of its name begins anew. */
export async function removeInstance(services: Pick<InstanceServices, 'registry' | 'hostSecurity' | 'runner' | 'log'>, instance: Instance): Promise<void> {
  const { registry, hostSecurity, log } = services;
  await registry.remove(instance);
  await closeAllGrants(services, instance);
  await hostSecurity.forget(profileName(instance.name, `qemu-system-${instance.record.image.architecture}`)).catch((error: unknown) => {
    log.warn({ instance: instance.name, reason: messageOf(error) }, 'the administrator\'s profile of a removed instance is still there');
  });
}
