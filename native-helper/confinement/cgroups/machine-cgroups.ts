// SPDX-License-Identifier: MIT
import { mkdir, readFile, rmdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { HelperError, messageOf, storageError } from '../../core/errors.ts';
import { baseDeviceNumbers, type DeviceNode } from '../private-dev.ts';
import type { ControllerName } from '../administrator/security-conf.ts';
import { DeviceControl } from './device-control.ts';
import { findHierarchies, type Hierarchies, type V1Controller } from './hierarchies.ts';

/** All machines' cgroups lie below this one, in every hierarchy. */
export const slice = 'berth.slice';

/** What of the host's controllers is used; all where absent. */
export type UsedControllers = readonly ControllerName[] | undefined;

interface MachineCgroups {
  readonly name: string;
  readonly devices: readonly DeviceNode[];
  readonly limits: ResourceLimits;
  readonly controllers?: UsedControllers;
}

export interface ResourceLimits {
  readonly memoryBytes: number;
  readonly processes: number;
  /** How many CPUs' worth of time, as `cpu.max` counts it. */
  readonly cpus: number;
}

const cpuPeriodMicroseconds = 100_000;
const removalTries = 40;
const removalGapMs = 50;

/**
 * Makes the cgroups of one machine, in the host's hierarchies where no others are named: devices denied but for those
 * named, memory, processes and CPU time limited where the host has the controller. Answers the directories whose
 * `cgroup.procs` the launcher joins.
 * @throws HelperError confinement.unavailable where the host offers device control and refuses it
 */
export async function prepareMachineCgroups(cgroups: MachineCgroups, hierarchies?: Hierarchies): Promise<string[]> {
  try {
    return await makeAll(cgroups, hierarchies ?? (await findHierarchies()));
  } catch (error) {
    await removeMachineCgroups(cgroups.name);
    if (error instanceof HelperError) throw error;
    throw new HelperError('confinement.unavailable', { layer: 'devices', reason: messageOf(error) }, { cause: error });
  }
}

/** After the machine's end only. The kernel frees program and map with the directory. */
export async function removeMachineCgroups(name: string): Promise<void> {
  const hierarchies = await findHierarchies();
  for (const directory of new Set(roots(hierarchies).map((root) => path.join(root, slice, name))))
    await removeEmpty(directory);
}

/** When there are no machines any more. Another helper's stay, and with them what they lie in. */
export async function removeSlice(): Promise<void> {
  for (const root of new Set(roots(await findHierarchies()))) {
    await rmdir(path.join(root, slice)).catch((error: NodeJS.ErrnoException) => {
      if (!['ENOENT', 'EBUSY', 'ENOTEMPTY'].includes(error.code ?? '')) throw error;
    });
  }
}

async function makeAll(
  { name, devices, limits, controllers }: MachineCgroups,
  { v2, v1 }: Hierarchies,
): Promise<string[]> {
  const isUsed = (controller: ControllerName): boolean => controllers === undefined || controllers.includes(controller);
  const directories = new Set<string>();
  const hasProgram = isUsed('devices') && v2 !== undefined && DeviceControl.isAvailable(v2);
  if (v2 !== undefined) {
    const directory = await makeV2(v2, name, limits, isUsed);
    if (hasProgram) allowDevices(directory, devices);
    directories.add(directory);
  }
  for (const controller of Object.keys(v1) as V1Controller[]) {
    if (!isUsed(controller) || (controller === 'devices' && hasProgram)) continue;
    const directory = await makeBelow(v1[controller] ?? '', name);
    await setV1(controller, directory, devices, limits);
    directories.add(directory);
  }
  return [...directories];
}

function roots({ v2, v1 }: Hierarchies): string[] {
  return [...(v2 === undefined ? [] : [v2]), ...Object.values(v1)];
}

async function makeBelow(root: string, name: string): Promise<string> {
  const directory = path.join(root, slice, name);
  await mkdir(directory, { recursive: true });
  return directory;
}

/** Controllers reach a cgroup only where every one above hands them on (cgroup-v2.rst, "Enabling and Disabling"). */
async function makeV2(
  root: string,
  name: string,
  limits: ResourceLimits,
  isUsed: (controller: ControllerName) => boolean,
): Promise<string> {
  const directory = await makeBelow(root, name);
  for (const above of [root, path.join(root, slice)]) {
    for (const controller of await wordsOf(path.join(above, 'cgroup.controllers'))) {
      if (['memory', 'pids', 'cpu'].includes(controller))
        await writeFile(path.join(above, 'cgroup.subtree_control'), `+${controller}`);
    }
  }
  const controllers = await wordsOf(path.join(directory, 'cgroup.controllers'));
  const set = (controller: ControllerName, file: string, value: string): Promise<void> | undefined =>
    isUsed(controller) && controllers.includes(controller) ? writeFile(path.join(directory, file), value) : undefined;
  await set('memory', 'memory.max', String(limits.memoryBytes));
  await set('pids', 'pids.max', String(limits.processes));
  await set('cpu', 'cpu.max', `${limits.cpus * cpuPeriodMicroseconds} ${cpuPeriodMicroseconds}`);
  return directory;
}

/** Reused where an earlier helper made it; what it allowed and is not wanted now is denied again. */
function allowDevices(directory: string, devices: readonly DeviceNode[]): void {
  using control = DeviceControl.open(directory);
  const wanted = [...baseDeviceNumbers, ...devices];
  for (const { key } of control.entries()) {
    const [minor, major] = [key.readUInt32LE(0), key.readUInt32LE(4)];
    for (const type of ['b', 'c'] as const)
      if (!wanted.some((device) => device.type === type && device.major === major && device.minor === minor))
        control.deny({ type, major, minor });
  }
  for (const device of wanted) {
    if (device.mode === 'r') control.deny(device, 'w');
    control.allow(device, device.mode);
  }
}

async function setV1(
  controller: V1Controller,
  directory: string,
  devices: readonly DeviceNode[],
  limits: ResourceLimits,
): Promise<void> {
  const set = (file: string, value: string): Promise<void> => writeFile(path.join(directory, file), value);
  switch (controller) {
    case 'devices':
      await set('devices.deny', 'a');
      for (const { type, major, minor, mode } of [...baseDeviceNumbers, ...devices])
        await set('devices.allow', `${type} ${major}:${minor} ${mode}`);
      return;
    case 'memory':
      return await set('memory.limit_in_bytes', String(limits.memoryBytes));
    case 'pids':
      return await set('pids.max', String(limits.processes));
    case 'cpu':
      await set('cpu.cfs_period_us', String(cpuPeriodMicroseconds));
      return await set('cpu.cfs_quota_us', String(limits.cpus * cpuPeriodMicroseconds));
    default:
      return controller satisfies never;
  }
}

async function wordsOf(file: string): Promise<string[]> {
  return (await readFile(file, 'utf8')).trim().split(/\s+/);
}

/** A process that has ended counts until its parent, for an adopted machine init, has taken note. */
async function removeEmpty(directory: string): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await rmdir(directory);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'ENOENT') return;
      if (code !== 'EBUSY' || tries === removalTries) throw storageError('remove', directory, error);
      await delay(removalGapMs);
    }
  }
}
