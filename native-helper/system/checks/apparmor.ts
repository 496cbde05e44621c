// SPDX-License-Identifier: MIT
import { readFile } from 'node:fs/promises';
import { locateProgram } from '../../process/programs.ts';
import { kernelHasAppArmor } from '../kernel-security.ts';
import { programVersion } from '../program-version.ts';
import { shortList } from '../short-list.ts';
import type { Check } from './surroundings.ts';

/** The kernel's own word (Documentation/admin-guide/LSM/apparmor.rst). */
export const checkAppArmor: Check = async () => {
  const modules = await readFile('/sys/kernel/security/lsm', 'utf8').then(
    (text) => `security modules: ${text.trim()}`,
    () => '/sys/kernel/security is not mounted',
  );
  if (await kernelHasAppArmor())
    return {
      id: 'apparmor',
      state: 'good',
      summary: 'Each instance runs under its own AppArmor profile.',
      evidence: modules,
    };
  return {
    id: 'apparmor',
    state: 'limited',
    summary: 'This kernel does not support AppArmor. The other isolation layers are active.',
    evidence: modules,
    fix: 'Boot a kernel with AppArmor and add apparmor=1 security=apparmor to its command line.',
  };
};

export const checkParser: Check = async ({ runner }, signal) => {
  const isNeeded = await kernelHasAppArmor();
  const path = await locateProgram('apparmor_parser').catch(() => undefined); // told below, with the package
  if (path === undefined) {
    return isNeeded
      ? {
          id: 'apparmor-parser',
          state: 'missing',
          summary: 'apparmor_parser is not installed. Instances cannot start.',
          fix: 'Install the package apparmor.',
        }
      : { id: 'apparmor-parser', state: 'good', summary: 'Not installed. It is not needed with this kernel.' };
  }
  const { version } = await programVersion(runner, 'apparmor_parser', signal);
  return {
    id: 'apparmor-parser',
    state: 'good',
    summary: isNeeded ? 'Profiles can be created.' : 'Profiles are only checked; this kernel does not support them.',
    evidence: `${path} ${version}`,
  };
};

/** /sys/kernel/security/apparmor/profiles: `name (mode)`, one a line. */
export const checkProfiles: Check = async () => {
  if (!(await kernelHasAppArmor())) return undefined;
  const file = '/sys/kernel/security/apparmor/profiles';
  const ours = (await readFile(file, 'utf8')).split('\n').filter((line) => /^(?:multipass\.|berth-helper)/.test(line));
  const lax = ours.filter((line) => !line.endsWith('(enforce)'));
  const evidence = `${ours.length === 0 ? 'none' : shortList(ours)}, in ${file}`;
  if (lax.length === 0)
    return {
      id: 'apparmor-profiles',
      state: 'good',
      summary: ours.length === 0 ? 'No instance runs now.' : `${ours.length} of Berth's profiles are in force.`,
      evidence,
    };
  return {
    id: 'apparmor-profiles',
    state: 'limited',
    summary: `${lax.length} of ${ours.length} profiles report instead of blocking.`,
    evidence,
    fix: 'Switch these instances back to blocking on their Security page.',
  };
};
