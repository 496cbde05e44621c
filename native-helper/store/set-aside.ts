// SPDX-License-Identifier: MIT
import { renameNew } from '../posix/rename-new.ts';

/**
 * Renames a file or directory that cannot be read as what it should be, beside itself; returns the new name. Nothing is
 * lost or overwritten.
 */
export async function setAside(file: string): Promise<string> {
  const stamped = `${file}.corrupt-${new Date().toISOString().replaceAll(':', '-')}`;
  // two within a millisecond would have one name
  for (let more = 1, aside = stamped; ; more += 1, aside = `${stamped}-${more}`)
    try {
      await renameNew(file, aside);
      return aside;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
}
