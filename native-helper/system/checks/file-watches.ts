// SPDX-License-Identifier: MIT
import { watch } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { sentence } from '#messages/say.ts';
import { isShortOfInotify } from '../../posix/watch-changes.ts';
import type { Check } from './surroundings.ts';

const settings = '/proc/sys/fs/inotify';

/** Whether the kernel tells this helper of changes to files; without, the files are looked at four times a second. */
export const checkFileWatches: Check = async ({ stateDirectory }) => {
  const [instances, watches] = await Promise.all(
    ['max_user_instances', 'max_user_watches'].map(async (name) =>
      (await readFile(`${settings}/${name}`, 'utf8')).trim(),
    ),
  );
  const found = {
    id: 'file-watches',
    evidence: `fs.inotify.max_user_instances ${instances ?? ''}, max_user_watches ${watches ?? ''}, for all programs of root together`,
  } as const;
  try {
    watch(stateDirectory, { persistent: false }).close();
    return { ...found, state: 'good', summary: sentence('doctor.file-changes-told') };
  } catch (error) {
    if (!isShortOfInotify(error)) throw error;
    const name = (error as NodeJS.ErrnoException).code === 'ENOSPC' ? 'max_user_watches' : 'max_user_instances';
    return {
      ...found,
      state: 'limited',
      summary: sentence('doctor.watches-used-up', { name }),
      fix: sentence('doctor.raise-watches', { name }),
      command: `sudo sysctl fs.inotify.${name}=${2 * Number(name === 'max_user_watches' ? watches : instances)}`,
    };
  }
};
