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
      summary: 'What is mounted here later is seen by running instances that may see it.',
      evidence,
    };
  return {
    id: 'mounts',
    state: 'limited',
    summary: 'What is mounted here after an instance has started is not seen by it, huge pages too.',
    evidence,
    fix: 'Share mounts, as systemd does at boot; instances see it from their next start.',
    command: 'sudo mount --make-rshared /',
  };
};
