// SPDX-License-Identifier: MIT
import { readFile } from 'node:fs/promises';
import { propagationOf } from '../propagation.ts';
import type { Check } from './surroundings.ts';

/** A machine's mount namespace is a slave of the helper's: what is mounted later reaches it only from a shared root. */
export const checkMounts: Check = async () => {
  const propagation = propagationOf(await readFile('/proc/self/mountinfo', 'utf8'), '/');
  const evidence = `/ is ${propagation} in /proc/self/mountinfo`;
  if (propagation === 'shared')
    return {
      id: 'mounts',
      state: 'good',
      summary: 'Running instances see file systems that are mounted later.',
      evidence,
    };
  return {
    id: 'mounts',
    state: 'limited',
    summary: 'Instances do not see file systems that are mounted after their start, including huge pages.',
    evidence,
    fix: 'Make the mounts shared, as systemd does at boot. Instances see them from their next start.',
    command: 'sudo mount --make-rshared /',
  };
};
