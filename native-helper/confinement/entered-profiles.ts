// SPDX-License-Identifier: MIT
import { readdir, readFile } from 'node:fs/promises';

/**
 * The names of all AppArmor profiles that a process runs in now; empty where the kernel has none. A label is `NAME (MODE)`, stacked ones
 * are joined by `//&` (apparmor(7), kernel: security/apparmor/label.c).
 */
export async function enteredProfiles(): Promise<ReadonlySet<string>> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const labels = await Promise.all(pids.map(async (pid) => {
    const at = (file: string): Promise<string> => readFile(`/proc/${pid}/attr/${file}`, 'utf8');
    return await at('apparmor/current').catch(() => at('current')).catch(() => ''); // ended meanwhile, or no AppArmor
  }));
  return new Set(labels.flatMap((label) => label.replace(/ \([a-z]+\)\s*$/, '').trim().split('//&')));
}
