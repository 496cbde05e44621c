// SPDX-License-Identifier: MIT
import { statfs } from 'node:fs/promises';
import { formatBytes, gibibyte } from '#contract/units.ts';
import { sentence } from '#messages/say.ts';
import type { Check } from './surroundings.ts';

const comfortableBytes = 4 * gibibyte;
const leastBytes = gibibyte / 2;

export const checkStorage: Check = async ({ stateDirectory }) => {
  const { bavail, blocks, bsize } = await statfs(stateDirectory);
  const freeBytes = bavail * bsize;
  const found = {
    id: 'storage',
    summary: sentence('doctor.free-space', { free: formatBytes(freeBytes) }),
    evidence: `${stateDirectory}: ${formatBytes(blocks * bsize)} total`,
  } as const;
  if (freeBytes >= comfortableBytes) return { ...found, state: 'good' };
  return {
    ...found,
    state: freeBytes < leastBytes ? 'missing' : 'limited',
    fix: sentence('doctor.free-some-space'),
    command: 'berth images prune',
  };
};
