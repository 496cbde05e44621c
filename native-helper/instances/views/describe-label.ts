// SPDX-License-Identifier: MIT
import type { InstanceDetails } from '#contract/instances.ts';
import { profileName } from '../../confinement/profile.ts';
import { parseLabel } from './describe-security.ts';
import type { Instance } from '../instance/instance.ts';
import type { InstanceServices } from '../instance/services.ts';

/**
 * What names the rights of the instance's machine: model, profile, and the running one's label and mode as the kernel
 * tells them.
 */
export async function describeLabel(
  services: Pick<InstanceServices, 'hostSecurity'>,
  instance: Instance,
): Promise<NonNullable<InstanceDetails['label']>> {
  const [{ model, reason, needsConsent }, label] = await Promise.all([
    services.hostSecurity.policy(),
    instance.boot?.machine.label(),
  ]);
  return {
    model,
    ...(reason === undefined ? {} : { modelReason: reason }),
    profile: profileName(instance.name, `qemu-system-${instance.record.image.architecture}`),
    ...parseLabel(label),
    needsConsent: needsConsent && !instance.security.isAllowedWithoutAppArmor,
  };
}
