// SPDX-License-Identifier: MIT
import { sentence } from '#messages/say.ts';
import { missingOf } from '../program-version.ts';
import type { Check } from './surroundings.ts';

/** By what a folder is served, with what the guest needs for it. */
const ways = [
  ['sftp-server', 'sshfs'],
  ['virtiofsd', 'virtiofs'],
  ['diod', 'plan9'],
] as const;

/** What serves shared folders on this side; the other end is the guest's. Every guest of the catalogue has sshfs. */
export const checkShares: Check = async () => {
  const missing = await missingOf(ways.map(([server]) => server));
  const isThere = (server: string): boolean => !missing.some(({ name }) => name === server);
  const fix = {
    fix: sentence('doctor.install-packages', { packages: missing.map(({ package: name }) => name).join(', ') }),
  };
  const evidence = ways.map(([server]) => `${server} is ${isThere(server) ? '' : 'not '}installed`).join(', ');
  if (!isThere('sftp-server'))
    return {
      id: 'shares',
      state: 'limited',
      summary: sentence('doctor.no-sftp-server'),
      evidence,
      ...fix,
    };
  const needed = ways.filter(([server]) => isThere(server)).map(([, guest]) => guest);
  return {
    id: 'shares',
    state: 'good',
    summary: sentence('doctor.folders-can-be-shared', { needed: needed.join('_') }),
    evidence,
  };
};
