// SPDX-License-Identifier: MIT
import { readFile } from 'node:fs/promises';
import { helperProfileName } from '../../confinement/profiles/helper.ts';
import { kernelHasAppArmor } from '../kernel-security.ts';
import { shortList } from '../short-list.ts';
import { version } from '../version.ts';
import type { Check } from './surroundings.ts';

/** The helper itself, and what confines it. */
export const checkHelper: Check = async () => {
  const found = { id: 'helper', summary: `Running, version ${version}.` } as const;
  const facts = `process ${process.pid}, uid ${process.getuid?.() ?? '?'}, Node ${process.versions.node}`;
  if (!(await kernelHasAppArmor())) return { ...found, state: 'good', evidence: facts };
  const label = (await readFile('/proc/self/attr/apparmor/current', 'utf8')).trim();
  const evidence = `${facts}, label ${label}`;
  if (label.startsWith(helperProfileName)) return { ...found, state: 'good', evidence };
  return {
    ...found,
    state: 'limited',
    summary: `Running, version ${version}, without an AppArmor profile of its own.`,
    evidence,
    fix: `Load the profile ${helperProfileName}, as the package does, and start the helper with it. Instances are isolated anyway.`,
  };
};

/** Members by group(5); groups of a directory service are not looked up. */
export const checkGroup: Check = async ({ gid }) => {
  if (gid === undefined)
    return { id: 'group', state: 'good', summary: 'Only root.', evidence: 'started with --group root' };
  const lines = (await readFile('/etc/group', 'utf8')).split('\n').map((line) => line.split(':'));
  const [name = String(gid), , , list = ''] = lines.find((fields) => Number(fields[2]) === gid) ?? [];
  const members = list.split(',').filter((member) => member !== '');
  if (members.length > 0)
    return {
      id: 'group',
      state: 'good',
      summary: `Root and the members of the group ${name}.`,
      evidence: `members in /etc/group: ${shortList(members)}`,
    };
  return {
    id: 'group',
    state: 'limited',
    summary: `The group ${name} has no members, so only root can use the helper.`,
    evidence: `group ${gid} in /etc/group`,
    fix: 'Add yourself, then log out and in again.',
    command: `sudo usermod -aG ${name} "$USER"`,
  };
};
