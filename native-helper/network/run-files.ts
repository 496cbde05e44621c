// SPDX-License-Identifier: MIT
import { access, rm } from 'node:fs/promises';
import { removeTree } from '../posix/remove-tree.ts';
import type { NetworkFiles } from './network-files.ts';

/**
 * Whether anything of a network's files is there: a helper that died as it began, or ended, the network may have left
 * nothing else.
 */
export async function hasRunFiles(files: NetworkFiles): Promise<boolean> {
  const found = await Promise.all(
    [files.directory, files.script, files.profile].map((file) =>
      access(file).then(
        () => true,
        () => false,
      ),
    ),
  );
  return found.includes(true);
}

/** Whether a network was begun since the host's start, and not taken away since. */
export async function hasRunDirectory({ directory }: NetworkFiles): Promise<boolean> {
  return await access(directory).then(
    () => true,
    () => false,
  );
}

/** Removes all that the running network kept in files. The state that outlives a reboot stays. */
export async function removeRunFiles(files: NetworkFiles): Promise<void> {
  await Promise.all([removeTree(files.directory), rm(files.script, { force: true })]);
}
