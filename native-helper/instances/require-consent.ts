// SPDX-License-Identifier: MIT
import type { InstanceName } from '#contract/names.ts';
import { HelperError } from '../core/errors.ts';
import type { InstanceServices } from './services.ts';

/**
 * Refuses a machine that nobody allowed to run without AppArmor, on a kernel that has none. Asked before anything
 * is made; the hypervisor asks again.
 *
 * @throws HelperError confinement.consent-required
 */
export async function requireConsent({ hostSecurity }: Pick<InstanceServices, 'hostSecurity'>, name: InstanceName, isAllowed: boolean): Promise<void> {
  const { needsConsent, reason = '' } = await hostSecurity.policy();
  if (needsConsent && !isAllowed) throw new HelperError('confinement.consent-required', { name, reason });
}
