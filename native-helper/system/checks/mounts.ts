// SPDX-License-Identifier: MIT
import { readFile } from 'node:fs/promises';
import { sentence } from '#messages/say.ts';
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
      summary: sentence('doctor.later-mounts-seen'),
      evidence,
    };
  return {
    id: 'mounts',
    state: 'limited',
    summary: sentence('doctor.later-mounts-unseen'),
    evidence,
    fix: sentence('doctor.make-mounts-shared'),
    command: 'sudo mount --make-rshared /',
  };
};
