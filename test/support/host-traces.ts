// SPDX-License-Identifier: MIT
import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';

/** What machines leave on a host, as the kernel and the disk show it. */
export interface HostTraces {
  /** Process ids of the QEMUs whose command line names this run directory; zombies are dead. */
  readonly machines: readonly number[];
  readonly taps: readonly string[];
  readonly bridges: readonly string[];
  readonly nftTables: readonly string[];
  /**
   * Entries of the state's instance directory, of the run's machine directory, of the journal and of the work
   * directory.
   */
  readonly instanceDirectories: readonly string[];
  readonly machineDirectories: readonly string[];
  readonly journal: readonly string[];
  readonly work: readonly string[];
}

export async function hostTraces({
  runDirectory,
  stateDirectory,
}: {
  readonly runDirectory: string;
  readonly stateDirectory: string;
}): Promise<HostTraces> {
  const links = JSON.parse(await output('ip', ['-j', 'link', 'show'])) as readonly { ifname: string }[];
  const ruleset = JSON.parse(await output('nft', ['-j', 'list', 'tables'])) as {
    nftables: readonly { table?: { name: string } }[];
  };
  return {
    machines: await machinesOf(stateDirectory),
    taps: links.map(({ ifname }) => ifname).filter((name) => name.startsWith('tap-')),
    bridges: links.map(({ ifname }) => ifname).filter((name) => name.startsWith('mpqemubr')),
    nftTables: ruleset.nftables.flatMap(({ table }) => table?.name ?? []).filter((name) => name.startsWith('berth')),
    instanceDirectories: await entries(path.join(stateDirectory, 'instances')),
    machineDirectories: await entries(path.join(runDirectory, 'machines')),
    journal: await entries(path.join(stateDirectory, 'operations')),
    work: await entries(path.join(stateDirectory, 'work')),
  };
}

async function machinesOf(stateDirectory: string): Promise<number[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(
    pids.map(async (pid) => {
      const commandLine = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => ''); // gone meanwhile
      const words = commandLine.split('\0');
      return (words[0] ?? '').includes('qemu-system') && commandLine.includes(`${stateDirectory}/instances/`)
        ? Number(pid)
        : undefined;
    }),
  );
  return found.filter((pid) => pid !== undefined);
}

async function entries(directory: string): Promise<string[]> {
  return (await readdir(directory).catch(() => [])).sort((a, b) => (a < b ? -1 : 1)); // not made yet
}

async function output(program: string, args: readonly string[]): Promise<string> {
  return (await promisify(execFile)(program, [...args])).stdout;
}
