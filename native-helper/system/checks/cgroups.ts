// SPDX-License-Identifier: MIT
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { sentence } from '#messages/say.ts';
import { DeviceControl } from '../../confinement/cgroups/device-control.ts';
import { findHierarchies } from '../../confinement/cgroups/hierarchies.ts';
import type { Check } from './surroundings.ts';

const wanted = ['memory', 'pids', 'cpu'] as const;

/** Whether the kernel can be told which devices a machine may open; asked of the kernel itself. */
export const checkDevices: Check = async () => {
  const { v2, v1 } = await findHierarchies();
  if (v2 !== undefined && DeviceControl.isAvailable(v2))
    return {
      id: 'devices',
      state: 'good',
      summary: sentence('doctor.own-devices-only'),
      evidence: `BPF_PROG_QUERY on ${v2} (cgroup v2)`,
    };
  if (v1.devices !== undefined)
    return {
      id: 'devices',
      state: 'good',
      summary: sentence('doctor.own-devices-only'),
      evidence: `${v1.devices} (cgroup v1)`,
    };
  return {
    id: 'devices',
    state: 'limited',
    summary: sentence('doctor.devices-not-limited'),
    evidence: v2 === undefined ? 'no cgroup hierarchy is mounted' : `BPF_PROG_QUERY on ${v2} is refused`,
    fix: sentence('doctor.limit-devices'),
  };
};

export const checkCgroups: Check = async () => {
  const { v2, v1 } = await findHierarchies();
  const unified =
    v2 === undefined ? [] : (await readFile(path.join(v2, 'cgroup.controllers'), 'utf8')).trim().split(/\s+/);
  const present = wanted.filter((controller) => unified.includes(controller) || v1[controller] !== undefined);
  const lacking = wanted.filter((controller) => !present.includes(controller));
  const evidence = [
    v2 === undefined ? undefined : `cgroup v2 on ${v2}: ${unified.join(' ') || 'no controllers'}`,
    ...Object.entries(v1).map(([controller, place]) => `${controller} on ${place}`),
  ]
    .filter((part) => part !== undefined)
    .join('; ');
  if (lacking.length === 0)
    return {
      id: 'cgroups',
      state: 'good',
      summary: sentence('doctor.resources-limited'),
      evidence,
    };
  return {
    id: 'cgroups',
    state: 'limited',
    summary: sentence('doctor.resources-not-limited', { resources: lacking.join('_') }),
    evidence: evidence === '' ? 'no cgroup hierarchy is mounted' : evidence,
    fix: sentence('doctor.use-unified-hierarchy'),
  };
};
