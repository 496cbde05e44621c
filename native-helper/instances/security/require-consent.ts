// SPDX-License-Identifier: MIT
import type { InstanceName } from '#contract/names.ts';
import { HelperError } from '../../core/errors.ts';
import type { InstanceServices } from '../instance/services.ts';

/**
 * Refuses a machine that nobody allowed to run without AppArmor, on a kernel that has none. Asked before anything
 * is made; the hypervisor asks again.
 *
 * @throws HelperError confinement.consent-required; confinement.unavailable or .administrator-file where nothing is
 * started at all
 */
export async function requireConsent(
  { hostSecurity }: Pick<InstanceServices, 'hostSecurity'>,
  name: InstanceName,
  isAllowed: boolean,
): Promise<void> {
  const { problem, needsConsent, reason = '' } = await hostSecurity.policy();
  if (problem !== undefined) throw new HelperError('confinement.unavailable', { layer: 'apparmor', reason: problem });
  if (needsConsent && !isAllowed) throw new HelperError('confinement.consent-required', { name, reason });
}
