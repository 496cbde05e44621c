// SPDX-License-Identifier: MIT
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { ConfinementLayer } from '#contract/security.ts';
import { DeviceControl } from '../confinement/cgroups/device-control.ts';
import { findHierarchies, type Hierarchies } from '../confinement/cgroups/hierarchies.ts';
import { slice } from '../confinement/cgroups/machine-cgroups.ts';

type Measured = Pick<ConfinementLayer, 'state' | 'evidence'>;

/** The program on the cgroup that the process is in, or the list of the older hierarchy. */
export async function measureDevices(pid: number): Promise<Measured> {
  const { v2, v1 } = await placesOf(pid);
  if (v2 !== undefined) {
    const count = isOurs(v2) ? DeviceControl.entriesOf(v2) : undefined;
    if (count !== undefined) return { state: 'on', evidence: `${count} devices allowed by the program on ${v2}` };
  }
  if (v1.devices !== undefined) {
    const list = (await readFile(path.join(v1.devices, 'devices.list'), 'utf8')).trim().split('\n');
    return {
      state: isOurs(v1.devices) && !list.some((line) => line.startsWith('a ')) ? 'on' : 'off',
      evidence: `${list.length} devices allowed in ${v1.devices}`,
    };
  }
  if (v2 !== undefined && DeviceControl.isAvailable(v2)) return { state: 'off', evidence: `no program on ${v2}` };
  return { state: 'unavailable', evidence: 'this host has no control of devices by cgroup' };
}

/** What the kernel holds as limits of memory, processes and CPU time; a host may offer any part of them. */
export async function measureLimits(pid: number): Promise<Measured> {
  const { v2, v1 } = await placesOf(pid);
  const limits = await Promise.all([
    limit('memory', [
      [v2, 'memory.max'],
      [v1.memory, 'memory.limit_in_bytes'],
    ]),
    limit('processes', [
      [v2, 'pids.max'],
      [v1.pids, 'pids.max'],
    ]),
    limit('CPU time', [
      [v2, 'cpu.max'],
      [v1.cpu, 'cpu.cfs_quota_us'],
    ]),
  ]);
  const found = limits.filter((text) => text !== undefined);
  if (found.length > 0) return { state: 'on', evidence: found.join(', ') };
  return v2 === undefined && v1.memory === undefined && v1.pids === undefined
    ? { state: 'unavailable', evidence: 'this host has no limits by cgroup' }
    : { state: 'off', evidence: 'no limit is set' };
}

async function limit(
  word: string,
  candidates: readonly (readonly [string | undefined, string])[],
): Promise<string | undefined> {
  for (const [directory, file] of candidates) {
    if (directory === undefined || !isOurs(directory)) continue;
    const value = await readFile(path.join(directory, file), 'utf8').then(
      (text) => text.trim(),
      () => undefined,
    ); // the controller is not in this hierarchy
    if (value !== undefined && !/^(?:max|-1)\b/.test(value)) return `${word} ${value}`;
  }
  return undefined;
}

/** The cgroup directories of a process (cgroups(7), /proc/PID/cgroup: number, controllers, path). */
async function placesOf(pid: number): Promise<Hierarchies> {
  const { v2, v1 } = await findHierarchies();
  const paths = new Map(
    (await readFile(`/proc/${pid}/cgroup`, 'utf8'))
      .trim()
      .split('\n')
      .flatMap((line) => {
        const [, controllers = '', place = ''] = /^\d+:([^:]*):(.*)$/.exec(line) ?? [];
        return controllers.split(',').map((controller) => [controller, place] as const);
      }),
  );
  const below = (root: string | undefined, controller: string): string | undefined => {
    const place = paths.get(controller);
    return root === undefined || place === undefined ? undefined : path.join(root, place);
  };
  return {
    v2: below(v2, ''),
    v1: Object.fromEntries(
      Object.entries(v1).flatMap(([controller, root]) => {
        const place = below(root, controller);
        return place === undefined ? [] : [[controller, place]];
      }),
    ),
  };
}

function isOurs(directory: string): boolean {
  return directory.includes(`/${slice}/`);
}
