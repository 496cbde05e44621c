// SPDX-License-Identifier: MIT
import { messageOf } from '../../core/errors.ts';
import { englishOf } from '../../core/said-error.ts';
import type { Check } from './surroundings.ts';

const wayOut = "Correct what is named. The file and its directory must be root's, and writable by root alone.";

/** What the administrator decided for all machines, and whether his files can be relied on. */
export const checkSecuritySettings: Check = async ({ hostSecurity, quotas }) => {
  const evidence = hostSecurity.confFile;
  try {
    const { problem, weaknesses } = await hostSecurity.policy();
    if (problem !== undefined)
      return {
        id: 'security-settings',
        state: 'missing',
        summary: 'Instances cannot start.',
        evidence: englishOf(problem),
        fix: 'Boot a kernel with AppArmor, or remove security_driver from this file.',
      };
    const unread = await quotas.read().then(
      () => undefined,
      (error: unknown) => messageOf(error),
    );
    if (unread !== undefined)
      return {
        id: 'security-settings',
        state: 'limited',
        summary: 'The quota file cannot be trusted. The last valid quotas are used.',
        evidence: unread,
        fix: wayOut,
      };
    if (weaknesses.length === 0)
      return {
        id: 'security-settings',
        state: 'good',
        summary: 'All isolation layers are enabled in the settings.',
        evidence,
      };
    return {
      id: 'security-settings',
      state: 'limited',
      summary: `For all instances: ${weaknesses.join('; ')}.`,
      evidence,
      fix: 'Remove the lines that are no longer needed from this file.',
    };
  } catch (error) {
    return {
      id: 'security-settings',
      state: 'missing',
      summary: "The administrator's settings cannot be trusted. Instances cannot start.",
      evidence: messageOf(error),
      fix: wayOut,
    };
  }
};
