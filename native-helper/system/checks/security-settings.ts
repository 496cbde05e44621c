// SPDX-License-Identifier: MIT
import { sentence } from '#messages/say.ts';
import { reasonFrom } from '../../core/said-error.ts';
import type { Check } from './surroundings.ts';

const wayOut = sentence('doctor.correct-settings');

/** What the administrator decided for all machines, and whether his files can be relied on. */
export const checkSecuritySettings: Check = async ({ hostSecurity, quotas }) => {
  const evidence = hostSecurity.confFile;
  try {
    const { problem, weaknesses } = await hostSecurity.policy();
    if (problem !== undefined)
      return {
        id: 'security-settings',
        state: 'missing',
        summary: sentence('doctor.instances-cannot-start'),
        evidence: problem,
        fix: sentence('doctor.apparmor-or-no-driver'),
      };
    const unread = await quotas.read().then(() => undefined, reasonFrom);
    if (unread !== undefined)
      return {
        id: 'security-settings',
        state: 'limited',
        summary: sentence('doctor.quotas-not-trusted'),
        evidence: unread,
        fix: wayOut,
      };
    if (weaknesses.length === 0)
      return {
        id: 'security-settings',
        state: 'good',
        summary: sentence('doctor.all-layers-on'),
        evidence,
      };
    return {
      id: 'security-settings',
      state: 'limited',
      summary: sentence('doctor.layers-off', { weaknesses: weaknesses.join('; ') }),
      evidence,
      fix: sentence('doctor.remove-settings'),
    };
  } catch (error) {
    return {
      id: 'security-settings',
      state: 'missing',
      summary: sentence('doctor.settings-not-trusted'),
      evidence: reasonFrom(error),
      fix: wayOut,
    };
  }
};
