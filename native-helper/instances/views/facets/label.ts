// SPDX-License-Identifier: MIT
import { englishOf } from '../../../core/said-error.ts';
import { profileName } from '../../../confinement/profile.ts';
import type { Facet } from '../../../core/seams/instances.ts';
import type { Instance } from '../../instance/instance.ts';
import type { InstanceServices } from '../../instance/services.ts';
import { parseLabel } from '../describe-security.ts';

/**
 * What names the rights of the instance's machine: model, profile, and the running one's label and mode as the kernel
 * tells them.
 */
export function labelFacet({ hostSecurity }: Pick<InstanceServices, 'hostSecurity'>): Facet<Instance> {
  return {
    name: 'label',
    look: async ({ name, record, security, boot }) => {
      const [{ model, reason, needsConsent }, label] = await Promise.all([
        hostSecurity.policy(),
        boot?.machine.label(),
      ]);
      return {
        label: {
          model,
          ...(reason === undefined ? {} : { modelReason: englishOf(reason) }),
          profile: profileName(name, `qemu-system-${record.image.architecture}`),
          ...parseLabel(label),
          needsConsent: needsConsent && !security.isAllowedWithoutAppArmor,
        },
      };
    },
  };
}
