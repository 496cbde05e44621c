// SPDX-License-Identifier: MIT
import { messageOf } from '../../core/errors.ts';
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
        summary: 'No instance can start.',
        evidence: problem,
        fix: 'Boot a kernel with AppArmor, or take security_driver out of that file.',
      };
    const unread = await quotas.read().then(
      () => undefined,
      (error: unknown) => messageOf(error),
    );
    if (unread !== undefined)
      return {
        id: 'security-settings',
        state: 'limited',
        summary: 'The quotas of users cannot be relied on: those of the last look hold.',
        evidence: unread,
        fix: wayOut,
      };
    if (weaknesses.length === 0)
      return { id: 'security-settings', state: 'good', summary: 'All layers of confinement are on.', evidence };
    return {
      id: 'security-settings',
      state: 'limited',
      summary: `For all instances: ${weaknesses.join('; ')}.`,
      evidence,
      fix: 'Take the lines out of that file that are not needed any more.',
    };
  } catch (error) {
    return {
      id: 'security-settings',
      state: 'missing',
      summary: "The administrator's settings cannot be relied on: no instance can start.",
      evidence: messageOf(error),
      fix: wayOut,
    };
  }
};
