// SPDX-License-Identifier: MIT
import { realpath } from 'node:fs/promises';
import path from 'node:path';
import { sentence } from '#messages/say.ts';
import { HelperError, storageError } from '../core/errors.ts';
import type { ProcessSpec } from '../core/seams/processes.ts';
import { byDescriptorProgram } from './grants/by-descriptor/command.ts';
import { giverOf } from './grants/given-files.ts';
import type { FileAccess, MachineAccess } from './machine-access.ts';
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
  /** Files that were granted and are there still. */
  readonly given: readonly FileAccess[];
  readonly assetsDirectory: string;
}

/** What a machine sees of the host's hidden directories, and what it may write anywhere. */
interface Places {
  readonly kept: readonly string[];
  readonly written: readonly string[];
  /** Bound by what their givers can open. */
  readonly given: readonly FileAccess[];
}

/** The process that puts the confinement around QEMU and then becomes it: the pid stays. */
export async function launchSpec(launch: Launch): Promise<ProcessSpec> {
  const { access } = launch;
  const kept = await Promise.all(keptPaths(access).map(resolved));
  return {
    program: 'unshare',
    args: [
      ...(launch.hasMountNamespace ? ['--mount', '--propagation', 'slave'] : []),
      '--net',
      '--ipc',
      '--uts',
      '--',
      '/bin/sh',
      path.join(launch.assetsDirectory, 'launcher', 'machine-launch.sh'),
      ...launcherArguments(launch, { kept, written: await writtenPaths(access), given: launch.given }),
      '--',
      access.program.path,
      ...launch.args,
    ],
    // a command line is everybody's to read, an environment its user's alone
    ...(Object.keys(launch.env).length === 0
      ? {}
      : {
          env: {
            BERTH_VARIABLES: Object.entries(launch.env)
              .map(([name, value]) => variable(name, value))
              .join('\n'),
          },
        }),
    passedFds: launch.passedFds,
    confinement: 'by-launcher',
  };
}

/** @throws HelperError confinement.unavailable for a path that cannot be handed to the launcher */
export function launcherArguments(
  {
    access,
    profile,
    cgroups,
    devices,
    groups,
    hasMountNamespace,
  }: Omit<Launch, 'args' | 'env' | 'passedFds' | 'given' | 'assetsDirectory'>,
  places: Places,
): string[] {
  const broken = [
    ...places.kept,
    ...places.written,
    ...places.given.map((file) => file.path),
    ...cgroups,
    access.log,
    access.consoleLog,
  ].find((name) => !name.startsWith('/') || /[\n\0]/.test(name));
  if (broken !== undefined)
    throw new HelperError('confinement.unavailable', {
      layer: 'namespaces',
      reason: sentence('security.path-not-visible', { broken: JSON.stringify(broken) }),
    });
  return [
    '--uid',
    String(access.owner.uid),
    '--gid',
    String(access.owner.gid),
    '--profile',
    profile ?? '-',
    '--log',
    access.log,
    '--console',
    access.consoleLog,
    '--dev',
    hasMountNamespace ? 'private' : 'host',
    ...(access.mayBeRoot ? ['--as-root', 'yes'] : []),
    ...groups.flatMap((gid) => ['--group', String(gid)]),
    ...cgroups.flatMap((directory) => ['--cgroup', directory]),
    ...(access.lockedBytes === 0 ? [] : ['--memlock', String(access.lockedBytes)]),
    ...(access.largestFileBytes === undefined ? [] : ['--fsize', String(access.largestFileBytes)]),
    ...(hasMountNamespace ? roomArguments(access, devices, places) : []),
  ];
}

function roomArguments(
  { hugepages }: MachineAccess,
  devices: readonly DeviceNode[],
  { kept, written, given }: Places,
): string[] {
  return [
    ...(hugepages?.startsWith('/dev/') ? ['--bind', hugepages] : []),
    ...devices.flatMap((device) => ['--device', nodeArgument(device)]),
    ...hiddenDirectories.flatMap((directory) => ['--hide', directory]),
    ...kept.filter(isHidden).flatMap((name) => ['--keep', name]),
    ...written.flatMap((name) => ['--write', name]),
    // what is in sight already and only read needs no place of its own
    ...giveArguments(given.filter((file) => file.mode === 'rw' || isHidden(file.path))),
  ];
}

function giveArguments(given: readonly FileAccess[]): string[] {
  if (given.length === 0) return [];
  return [
    '--node',
    process.execPath,
    '--opener',
    byDescriptorProgram,
    ...given.flatMap((file) => ['--give', givenFields(file).join(',')]),
  ];
}

function isHidden(name: string): boolean {
  return hiddenDirectories.some((directory) => name.startsWith(`${directory}/`));
}

/**
 * What by-descriptor and bind-given.sh are told of a file that was given, in that order: who gave it, how, which file
 * it was, where.
 */
export function givenFields({
  path: file,
  mode,
  given,
}: FileAccess): [uid: string, gid: string, mode: string, inode: string, born: string, path: string] {
  const { uid, gid } = giverOf(given);
  return [String(uid), String(gid), mode, given?.file?.inode ?? '-', given?.file?.born ?? '-', file];
}

/** A device as the launcher's scripts take it. */
export function nodeArgument({ name, mode, type, major, minor }: DeviceNode): string {
  return `${nodeName(name)},${mode === 'r' ? 400 : 600},${type},${major},${minor}`;
}

/** The launcher splits its list at blanks and commas. */
function nodeName(name: string): string {
  if (/^[A-Za-z0-9_+:-][A-Za-z0-9_.+:-]*(?:\/[A-Za-z0-9_+:-][A-Za-z0-9_.+:-]*)*$/.test(name)) return name;
  throw new HelperError('confinement.unavailable', {
    layer: 'private-dev',
    reason: sentence('security.device-name', { name: JSON.stringify(name) }),
  });
}

function variable(name: string, value: string): string {
  if (/^[A-Za-z_][A-Za-z0-9_]*$/.test(name) && !/[\n\0]/.test(value)) return `${name}=${value}`;
  throw new HelperError('internal.bug', { reason: `the variable ${name} cannot be handed on` });
}

/** Of everything the very file. Sockets and logs come as descriptors. */
function keptPaths(access: MachineAccess): string[] {
  return [
    ...(access.hugepages === undefined ? [] : [access.hugepages]),
    ...access.files.filter(({ purpose }) => purpose !== 'granted').map((file) => file.path),
  ];
}

/** Its disk, and the logs, which are opened in there. */
export async function writtenPaths(access: MachineAccess): Promise<string[]> {
  const own = [
    ...access.files.filter(({ mode, purpose }) => mode === 'rw' && purpose !== 'granted').map((file) => file.path),
    access.consoleLog,
    access.log,
  ];
  return await Promise.all(own.map(resolved));
}

/** Where a path really leads: /var/run is a link to a hidden directory. */
async function resolved(name: string): Promise<string> {
  try {
    return await realpath(name);
  } catch (error) {
    throw storageError('find', name, error);
  }
}
