// SPDX-License-Identifier: MIT
import { missingOf } from '../program-version.ts';
import type { Check } from './surroundings.ts';

/** What serves a shared folder on this side; sshfs, which mounts it, is the guest's. */
export const checkShares: Check = async () => {
  const missing = await missingOf(['sftp-server']);
  if (missing.length === 0) return { id: 'shares', state: 'good', summary: 'Folders can be shared; the guest needs sshfs.', evidence: 'sftp-server is installed' };
  return { id: 'shares', state: 'limited', summary: 'Folders cannot be shared: sftp-server is not installed.', fix: `Install ${missing.map(({ package: name }) => name).join(', ')}.` };
};
