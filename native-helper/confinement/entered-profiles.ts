// SPDX-License-Identifier: MIT
import { readdir, readFile } from 'node:fs/promises';

/** The names of all AppArmor profiles that a process runs in now; empty where the kernel has none. */
export async function enteredProfiles(): Promise<ReadonlySet<string>> {
  return new Set((await labels()).flatMap(({ profiles }) => profiles));
}

/** The processes that run in one of these profiles. */
export async function processesIn(names: readonly string[]): Promise<readonly number[]> {
  return (await labels())
    .filter(({ profiles }) => profiles.some((profile) => names.includes(profile)))
    .map(({ pid }) => pid);
}

/** A label is `NAME (MODE)`, stacked ones are joined by `//&` (apparmor(7), kernel: security/apparmor/label.c). */
async function labels(): Promise<readonly { readonly pid: number; readonly profiles: readonly string[] }[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  return await Promise.all(
    pids.map(async (pid) => {
      const at = (file: string): Promise<string> => readFile(`/proc/${pid}/attr/${file}`, 'utf8');
      const label = await at('apparmor/current')
        .catch(() => at('current'))
        .catch(() => ''); // ended meanwhile, or no AppArmor
      return {
        pid: Number(pid),
        profiles: label
          .replace(/ \([a-z]+\)\s*$/, '')
          .trim()
          .split('//&'),
      };
    }),
  );
}
