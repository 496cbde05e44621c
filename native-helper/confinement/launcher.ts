// SPDX-License-Identifier: MIT
import { realpath } from 'node:fs/promises';
import path from 'node:path';
import { HelperError, messageOf } from '../core/errors.ts';
import type { ProcessSpec } from '../core/seams/processes.ts';
import type { MachineAccess } from './machine-access.ts';
import type { DeviceNode } from './private-dev.ts';

/** Empty for the machine, but for its own files. */
export const hiddenDirectories = ['/run', '/tmp'] as const;

interface Launch {
  readonly access: MachineAccess;
  /** QEMU's own arguments. */
  readonly args: readonly string[];
  /** Entered at exec; undefined where the kernel has no AppArmor. */
  readonly profile: string | undefined;
  /** Directories to join, made by prepareMachineCgroups. */
  readonly cgroups: readonly string[];
  /** The nodes of the private /dev beyond the base. */
  readonly devices: readonly DeviceNode[];
  /** Groups of the host's nodes, where the machine has no /dev of its own. */
  readonly groups: readonly number[];
  /** Whether it has a mount namespace with its own /dev, /run and /tmp. */
  readonly hasMountNamespace: boolean;
  /** QEMU's alone. */
  readonly env: Readonly<Record<string, string>>;
  readonly passedFds: readonly number[];
  readonly assetsDirectory: string;
}

/** The process that puts the confinement around QEMU and then becomes it: the pid stays. */
export async function launchSpec(launch: Launch): Promise<ProcessSpec> {
  const { access } = launch;
  const kept = [...(await Promise.all(keptPaths(access).map(resolved))), ...(await grantedPaths(access))];
  return {
    program: 'unshare',
    args: [
      ...(launch.hasMountNamespace ? ['--mount', '--propagation', 'slave'] : []), '--net', '--ipc', '--uts', '--',
      '/bin/sh', path.join(launch.assetsDirectory, 'launcher', 'machine-launch.sh'),
      ...launcherArguments(launch, kept),
      '--', access.program.path, ...launch.args,
    ],
    passedFds: launch.passedFds,
    confinement: 'by-launcher',
  };
}

/** @throws HelperError confinement.unavailable for a path that cannot be handed to the launcher */
export function launcherArguments({ access, profile, cgroups, devices, groups, hasMountNamespace, env }: Omit<Launch, 'args' | 'passedFds' | 'assetsDirectory'>, kept: readonly string[]): string[] {
  const broken = [...kept, ...cgroups, access.log].find((name) => !name.startsWith('/') || /[\n\0]/.test(name));
  if (broken !== undefined) throw new HelperError('confinement.unavailable', { layer: 'namespaces', reason: `the path ${JSON.stringify(broken)} cannot be kept visible` });
  return [
    '--uid', String(access.owner.uid), '--gid', String(access.owner.gid),
    '--profile', profile ?? '-',
    '--log', access.log,
    '--dev', hasMountNamespace ? 'private' : 'host',
    ...(access.mayBeRoot ? ['--as-root', 'yes'] : []),
    ...groups.flatMap((gid) => ['--group', String(gid)]),
    ...Object.entries(env).flatMap(([name, value]) => ['--env', variable(name, value)]),
    ...cgroups.flatMap((directory) => ['--cgroup', directory]),
    ...(access.lockedBytes === 0 ? [] : ['--memlock', String(access.lockedBytes)]),
    ...(hasMountNamespace ? roomArguments(access, devices, kept) : []),
  ];
}

function roomArguments({ hugepages }: MachineAccess, devices: readonly DeviceNode[], kept: readonly string[]): string[] {
  return [
    ...(hugepages?.startsWith('/dev/') ? ['--bind', hugepages] : []),
    ...devices.flatMap((device) => ['--device', nodeArgument(device)]),
    ...hiddenDirectories.flatMap((directory) => ['--hide', directory]),
    ...kept.filter((name) => hiddenDirectories.some((directory) => name.startsWith(`${directory}/`))).flatMap((name) => ['--keep', name]),
  ];
}

/** A device as the launcher's scripts take it. */
export function nodeArgument({ name, mode, type, major, minor }: DeviceNode): string {
  return `${nodeName(name)},${mode === 'r' ? 400 : 600},${type},${major},${minor}`;
}

/** The launcher splits its list at blanks and commas. */
function nodeName(name: string): string {
  if (/^[A-Za-z0-9_+:-][A-Za-z0-9_.+:-]*(?:\/[A-Za-z0-9_+:-][A-Za-z0-9_.+:-]*)*$/.test(name)) return name;
  throw new HelperError('confinement.unavailable', { layer: 'private-dev', reason: `the device name ${JSON.stringify(name)} cannot be handed on` });
}

function variable(name: string, value: string): string {
  if (/^[A-Za-z_][A-Za-z0-9_]*$/.test(name) && !/[\n\0]/.test(value)) return `${name}=${value}`;
  throw new HelperError('internal.bug', { reason: `the variable ${name} cannot be handed on` });
}

/** The machine's run directory as a whole, because sockets are made in it; of everything else the very file. */
function keptPaths(access: MachineAccess): string[] {
  const directories = new Set([...Object.values(access.sockets), access.pidFile].map((file) => path.dirname(file)));
  return [...directories, ...(access.hugepages === undefined ? [] : [access.hugepages]), ...access.files.filter(({ purpose }) => purpose !== 'granted').map((file) => file.path), access.consoleLog, access.log];
}

/** A file that was given may be gone, or be a link by now that leads to something else: it is passed over, and QEMU says what it misses. */
async function grantedPaths({ files }: MachineAccess): Promise<string[]> {
  const given = files.filter(({ purpose }) => purpose === 'granted').map((file) => file.path);
  const found = await Promise.all(given.map((file) => realpath(file).catch(() => undefined)));
  return given.filter((file, index) => found[index] === file);
}

/** Where a path really leads: /var/run is a link to a hidden directory. */
async function resolved(name: string): Promise<string> {
  try {
    return await realpath(name);
  } catch (error) {
    throw new HelperError('storage.failed', { action: 'find', path: name, reason: messageOf(error) }, { cause: error });
  }
}
