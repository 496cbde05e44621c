// SPDX-License-Identifier: MIT
import { profileName } from '../confinement/profile.ts';
import { messageOf } from '../core/errors.ts';
import type { Instance } from './instance.ts';
import type { InstanceServices } from './services.ts';

/** Removes an instance for good, with what was made for it outside its directory: another of its name begins anew. */
export async function removeInstance({ registry, hostSecurity, log }: Pick<InstanceServices, 'registry' | 'hostSecurity' | 'log'>, instance: Instance): Promise<void> {
  await registry.remove(instance);
  await hostSecurity.forget(profileName(instance.name, `qemu-system-${instance.record.image.architecture}`)).catch((error: unknown) => {
    log.warn({ instance: instance.name, reason: messageOf(error) }, 'the administrator\'s profile of a removed instance is still there');
  });
}
