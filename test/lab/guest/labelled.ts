// SPDX-License-Identifier: MIT
import { readdir, readFile } from 'node:fs/promises';

export interface Labelled {
  readonly pid: number;
  readonly parentPid: number;
  /** The program's name, cut by the kernel to 15 bytes. */
  readonly command: string;
  /** The profile's name and its mode: `multipass.dnsmasq (enforce)`. */
  readonly label: string;
}

/** The processes that the kernel holds in this profile now. */
export async function processesIn(profile: string): Promise<Labelled[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const found = await Promise.all(
    pids.map(async (pid) => {
      const [label, stat] = await Promise.all(
        ['attr/apparmor/current', 'stat'].map((file) => readFile(`/proc/${pid}/${file}`, 'utf8').catch(() => '')),
      ); // it may be ending
      const [, command = '', parent] = /\((.*)\) \S (\d+)/s.exec(stat ?? '') ?? [];
      return { pid, parentPid: Number(parent), command, label: (label ?? '').trim() };
    }),
  );
  return found.filter(({ label }) => label.startsWith(`${profile} (`));
}

/** Names of loaded profiles, with their modes. */
export async function loadedProfiles(): Promise<string> {
  return await readFile('/sys/kernel/security/apparmor/profiles', 'utf8');
}
