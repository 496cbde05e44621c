// SPDX-License-Identifier: MIT
import { readFile } from 'node:fs/promises';
import { sentence } from '#messages/say.ts';
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
      summary: sentence('doctor.own-profiles'),
      evidence: modules,
    };
  return {
    id: 'apparmor',
    state: 'limited',
    summary: sentence('doctor.no-apparmor'),
    evidence: modules,
    fix: sentence('doctor.boot-with-apparmor'),
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
          summary: sentence('doctor.no-parser'),
          fix: sentence('doctor.install-apparmor'),
        }
      : { id: 'apparmor-parser', state: 'good', summary: sentence('doctor.parser-not-needed') };
  }
  const { version } = await programVersion(runner, 'apparmor_parser', signal);
  return {
    id: 'apparmor-parser',
    state: 'good',
    summary: isNeeded ? sentence('doctor.profiles-can-be-created') : sentence('doctor.profiles-only-checked'),
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
      summary:
        ours.length === 0
          ? sentence('doctor.no-instance-runs')
          : sentence('doctor.profiles-in-force', { count: ours.length }),
      evidence,
    };
  return {
    id: 'apparmor-profiles',
    state: 'limited',
    summary: sentence('doctor.profiles-only-report', { count: lax.length, total: ours.length }),
    evidence,
    fix: sentence('doctor.switch-back-to-blocking'),
  };
};
