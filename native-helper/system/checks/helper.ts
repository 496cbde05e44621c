// SPDX-License-Identifier: MIT
import { readFile } from 'node:fs/promises';
import { sentence } from '#messages/say.ts';
import { helperProfileName } from '../../confinement/profiles/helper.ts';
import { kernelHasAppArmor } from '../kernel-security.ts';
import { shortList } from '../short-list.ts';
import { version } from '../version.ts';
import type { Check } from './surroundings.ts';

/** The helper itself, and what confines it. */
export const checkHelper: Check = async () => {
  const found = { id: 'helper', summary: sentence('doctor.helper-runs', { version }) } as const;
  const facts = `process ${process.pid}, uid ${process.getuid?.() ?? '?'}, Node ${process.versions.node}`;
  if (!(await kernelHasAppArmor())) return { ...found, state: 'good', evidence: facts };
  const label = (await readFile('/proc/self/attr/apparmor/current', 'utf8')).trim();
  const evidence = `${facts}, label ${label}`;
  if (label.startsWith(helperProfileName)) return { ...found, state: 'good', evidence };
  return {
    ...found,
    state: 'limited',
    summary: sentence('doctor.helper-without-profile', { version }),
    evidence,
    fix: sentence('doctor.load-profile', { profile: helperProfileName }),
  };
};

/** Members by group(5); groups of a directory service are not looked up. */
export const checkGroup: Check = async ({ gid }) => {
  if (gid === undefined)
    return {
      id: 'group',
      state: 'good',
      summary: sentence('doctor.only-root'),
      evidence: sentence('doctor.started-for-root'),
    };
  const lines = (await readFile('/etc/group', 'utf8')).split('\n').map((line) => line.split(':'));
  const [name = String(gid), , , list = ''] = lines.find((fields) => Number(fields[2]) === gid) ?? [];
  const members = list.split(',').filter((member) => member !== '');
  if (members.length > 0)
    return {
      id: 'group',
      state: 'good',
      summary: sentence('doctor.root-and-group', { name }),
      evidence: sentence('doctor.group-members', { members: shortList(members) }),
    };
  return {
    id: 'group',
    state: 'limited',
    summary: sentence('doctor.group-empty', { name }),
    evidence: sentence('doctor.group-number', { gid }),
    fix: sentence('doctor.join-group'),
    command: `sudo usermod -aG ${name} "$USER"`,
  };
};
