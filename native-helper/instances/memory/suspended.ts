// SPDX-License-Identifier: MIT
import type { InstanceName } from '#contract/names.ts';
import { sentence } from '#messages/say.ts';
import type { Sentence } from '#messages/sentence.ts';
import { HelperError } from '../../core/errors.ts';
import type { Instance } from '../instance/instance.ts';

/** What is said of that which cannot be done to an instance without harm to its saved memory. */
export function suspended(name: InstanceName, command: Sentence): HelperError {
  return new HelperError('instance.suspended', { name, command });
}

/**
 * A guest goes on in the machine that it knows. Consent is none of its affair, so that may be given.
 *
 * @throws HelperError instance.suspended
 */
export function requireChangeable({ name, record }: Instance, changed?: readonly string[]): void {
  const isConsent = changed?.every((key) => key === 'isAllowedWithoutAppArmor') === true;
  if (record.suspended && !isConsent) throw suspended(name, sentence('saved.change-security'));
}
