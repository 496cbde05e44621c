// SPDX-License-Identifier: MIT
import { rm } from 'node:fs/promises';
import type { NetworkFiles } from './network-files.ts';

/** Removes all that the running network kept in files. The state that outlives a reboot stays. */
export async function removeRunFiles(files: NetworkFiles): Promise<void> {
  await Promise.all([rm(files.directory, { recursive: true, force: true }), rm(files.script, { force: true })]);
}
