// SPDX-License-Identifier: MIT
import { readFile } from 'node:fs/promises';

const v1Controllers = ['devices', 'memory', 'pids', 'cpu'] as const;
export type V1Controller = (typeof v1Controllers)[number];

/** Where this host has its cgroups mounted: one hierarchy for all, one each controller, or both. */
export interface Hierarchies {
  readonly v2: string | undefined;
  readonly v1: Readonly<Partial<Record<V1Controller, string>>>;
}

export async function findHierarchies(): Promise<Hierarchies> {
  return parseHierarchies(await readFile('/proc/self/mountinfo', 'utf8'));
}

/**
 * Reads mountinfo (proc(5)): the fourth field is what is mounted of a hierarchy, the fifth where; after ` - `
 * come type, source and options. A part of a hierarchy, as containers see it, is as good as a whole.
 */
export function parseHierarchies(mountinfo: string): Hierarchies {
  let v2: string | undefined;
  const v1: Partial<Record<V1Controller, string>> = {};
  for (const line of mountinfo.split('\n')) {
    const [place = '', type = '', , options = ''] = (
      /^\S+ \S+ \S+ \S+ (\S+) .* - (\S+) (\S+) (\S+)/.exec(line) ?? []
    ).slice(1);
    if (type === 'cgroup2') v2 ??= place;
    if (type !== 'cgroup') continue;
    for (const controller of v1Controllers) if (options.split(',').includes(controller)) v1[controller] ??= place;
  }
  return { v2, v1 };
}
