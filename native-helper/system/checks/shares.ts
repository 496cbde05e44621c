// SPDX-License-Identifier: MIT
import { missingOf } from '../program-version.ts';
import type { Check } from './surroundings.ts';

/** By what a folder is served, with what the guest needs for it. */
const ways = [
  ['sftp-server', 'sshfs'],
  ['virtiofsd', 'virtiofs in its kernel'],
  ['diod', '9p in its kernel'],
] as const;

/** What serves shared folders on this side; the other end is the guest's. Every guest of the catalogue has sshfs. */
export const checkShares: Check = async () => {
  const missing = await missingOf(ways.map(([server]) => server));
  const isThere = (server: string): boolean => !missing.some(({ name }) => name === server);
  const fix = { fix: `Install ${missing.map(({ package: name }) => name).join(', ')}.` };
  const evidence = ways.map(([server]) => `${server} is ${isThere(server) ? '' : 'not '}installed`).join(', ');
  if (!isThere('sftp-server'))
    return {
      id: 'shares',
      state: 'limited',
      summary: 'sftp-server is not installed, so folders cannot be shared over sshfs.',
      evidence,
      ...fix,
    };
  const needed = ways.filter(([server]) => isThere(server)).map(([, guest]) => guest);
  return {
    id: 'shares',
    state: 'good',
    summary: `Folders can be shared. The guest needs ${needed.join(', or ')}.`,
    evidence,
  };
};
