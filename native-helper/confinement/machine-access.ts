// SPDX-License-Identifier: MIT
import path from 'node:path';
import type { InstanceName } from '#contract/names.ts';
import type { AccessEntry, AccessGrant, AccessMode } from '#contract/security.ts';
import { gibibyte, mebibyte } from '#contract/units.ts';
import type { MachineHardware, MachineMemory, MachineSecurity, MachineSpec } from '../core/seams/machine-spec.ts';
import type { Credentials } from '../core/seams/processes.ts';
import { knownMode } from './known-mode.ts';
import { baseDevices } from './private-dev.ts';
import type { GroupDevice } from './hardware/pci-devices.ts';
import type { ResourceLimits } from './cgroups/machine-cgroups.ts';

/** What a guest may print into the record of one boot. */
const leastLargestFile = 16 * gibibyte;
/** The kernel's own network back end. */
export const vhostNet = 'vhost-net';

export interface FileAccess {
  readonly path: string;
  readonly mode: AccessMode;
  readonly purpose: Extract<AccessEntry['purpose'], 'disk' | 'image' | 'seed' | 'kernel' | 'firmware' | 'granted'>;
  /** Of what was granted: by whom, and which file it was. */
  readonly given?: Pick<AccessGrant, 'grantedBy' | 'file'>;
}

/** A node of the machine's own /dev, allowed in its device map. */
export interface DeviceAccess {
  /** Below /dev. */
  readonly name: string;
  readonly mode: AccessMode;
  readonly purpose: Extract<AccessEntry['purpose'], 'device' | 'block-device' | 'passthrough' | 'granted'>;
}

/**
 * All that a machine's process may touch. Profile, private /dev, device map, kept paths, ownership and what a
 * person is shown are derived from this one value, so that they cannot differ.
 */
export interface MachineAccess {
  readonly instance: InstanceName;
  readonly owner: Credentials;
  /** The administrator's word that the owner may be root. */
  readonly mayBeRoot: boolean;
  /** Absolute path of QEMU and its name in the profile's name. */
  readonly program: { readonly path: string; readonly name: string };
  readonly files: readonly FileAccess[];
  /** It listens on them by descriptor and cannot see their names. */
  readonly sockets: { readonly qmp: string; readonly serial: string };
  /** Written by QEMU at the end only; opened by the launcher. */
  readonly consoleLog: string;
  /** stdout and stderr, opened by the launcher. */
  readonly log: string;
  /** The files of its memory, which come as descriptors. */
  readonly memory: MachineMemory | undefined;
  /** Beyond null, zero, full, random and urandom. */
  readonly devices: readonly DeviceAccess[];
  /** PCI devices that are passed through. */
  readonly pciDevices: readonly GroupDevice[];
  /** Where its memory of huge pages is; undefined where it has none. */
  readonly hugepages: string | undefined;
  /** Bytes that may be locked in memory, for devices that write to it by themselves. */
  readonly lockedBytes: number;
  /**
   * What no file grows beyond that it writes (RLIMIT_FSIZE); undefined where it was given files or arguments of its
   * owner's.
   */
  readonly largestFileBytes: number | undefined;
  /** The network devices, which come as descriptors. */
  readonly taps: readonly string[];
  readonly limits: ResourceLimits;
  /** Of its cgroups, in every hierarchy: two helpers may each have an instance of this name. */
  readonly cgroup: string;
}

/** What the administrator gives to every machine of the host. */
export interface HostShare {
  /** Names below /dev. */
  readonly devices: readonly string[];
  /** Users in place of the machines' own. */
  readonly accounts: Partial<Credentials>;
  /** What the host has for the hardware that the specification names. */
  readonly pciDevices?: readonly GroupDevice[];
  readonly hugepages?: string;
}

/** What a machine of this specification may touch. */
export function machineAccess(
  spec: MachineSpec,
  programPath: string,
  firmware: readonly string[],
  host: HostShare = { devices: [], accounts: {} },
): MachineAccess {
  return {
    instance: spec.instance,
    owner: { ...spec.owner, ...host.accounts },
    mayBeRoot: host.accounts.uid === 0 || host.accounts.gid === 0,
    program: { path: programPath, name: `qemu-system-${spec.architecture}` },
    files: filesOf(spec, firmware),
    sockets: { qmp: spec.qmpSocket, serial: spec.serialSocket },
    consoleLog: spec.consoleLog,
    log: spec.log,
    memory: spec.memory,
    devices: devicesOf(spec, host),
    pciDevices: host.pciDevices ?? [],
    hugepages: host.hugepages,
    lockedBytes: spec.hardware.vfioGroups.length > 0 ? spec.memoryBytes + gibibyte : 0,
    largestFileBytes: largestFile(spec),
    taps: spec.nics.map(({ tap }) => tap),
    limits: resourceLimits(spec),
    cgroup: cgroupName(spec),
  };
}

/** Names are taken anew by other instances, ids never. */
export function cgroupName({ instance, id }: Pick<MachineSpec, 'instance' | 'id'>): string {
  return `${instance}.${id}`;
}

function filesOf({ disks, cdrom, kernel, security }: MachineSpec, firmware: readonly string[]): FileAccess[] {
  const readOnly = (purpose: FileAccess['purpose'], ...paths: readonly string[]): FileAccess[] =>
    paths.map((file) => ({ path: file, mode: 'r', purpose }));
  return [
    ...disks.map(({ path: disk, isReadOnly }): FileAccess => ({
      path: disk,
      mode: isReadOnly ? 'r' : 'rw',
      purpose: 'disk',
    })),
    ...readOnly('image', ...new Set(disks.flatMap(({ backingPaths }) => backingPaths))),
    ...readOnly('seed', cdrom.path),
    ...(kernel ? readOnly('kernel', kernel.kernelPath, kernel.initrdPath) : []),
    ...readOnly('firmware', ...firmware),
    ...grantsOf(security, 'file').map(({ path, mode, grantedBy, file }): FileAccess => ({
      path,
      mode,
      purpose: 'granted',
      given: { grantedBy, ...(file && { file }) },
    })),
  ];
}

function hardwareOf({ usesVhostNet, vfioGroups, hostDisks }: MachineHardware): DeviceAccess[] {
  return [
    ...(usesVhostNet ? [{ name: vhostNet, mode: 'rw', purpose: 'device' } as const] : []),
    ...(vfioGroups.length === 0 ? [] : ['vfio', ...vfioGroups.map(({ group }) => group)]).map((node): DeviceAccess => ({
      name: `vfio/${node}`,
      mode: 'rw',
      purpose: 'passthrough',
    })),
    ...hostDisks.map(({ path: node, isReadOnly }): DeviceAccess => ({
      name: path.relative('/dev', node),
      mode: isReadOnly ? 'r' : 'rw',
      purpose: 'block-device',
    })),
  ];
}

function grantsOf(security: MachineSecurity | undefined, kind: AccessGrant['kind']): AccessGrant[] {
  return (security?.grants ?? []).flatMap((grant) => {
    const mode = knownMode(grant);
    return grant.kind === kind && mode !== undefined ? [{ ...grant, kind, mode }] : [];
  });
}

/** Each once, with the widest mode: a device may be the machine's own need and be given besides. */
function devicesOf({ accelerator, security, hardware }: MachineSpec, host: HostShare): DeviceAccess[] {
  const all: DeviceAccess[] = [
    ...[...(accelerator === 'kvm' ? ['kvm'] : []), ...host.devices].map((name): DeviceAccess => ({
      name,
      mode: 'rw',
      purpose: 'device',
    })),
    ...hardwareOf(hardware),
    ...grantsOf(security, 'device').map(({ path: node, mode }): DeviceAccess => ({
      name: path.relative('/dev', node),
      mode,
      purpose: 'granted',
    })),
  ];
  return all.filter(
    ({ name }, index) =>
      !(baseDevices as readonly string[]).includes(name) && all.findIndex((other) => other.name === name) === index,
  );
}

/**
 * A bound for a QEMU that went wild, not a share of the host: the guest's memory, what QEMU needs besides, and
 * translated code, of which emulation keeps up to a gibibyte (-accel tcg,tb-size); one CPU more than
 * the guest has, for disk and network.
 */
function resourceLimits({ memoryBytes, accelerator, cpus }: MachineSpec): ResourceLimits {
  const besides = (accelerator === 'tcg' ? 1536 : 512) * mebibyte;
  return { memoryBytes: memoryBytes + Math.ceil(memoryBytes / 16) + besides, processes: 256 + cpus, cpus: cpus + 1 };
}

/**
 * A disk that is full has its tables besides, and after crashes clusters that nobody uses (docs/interop/qcow2.txt of
 * QEMU); the memory is a file too, with what stands between its pages where it is saved; and a guest may print for
 * hours before its record ends.
 */
function largestFile({ disks, memoryBytes, security }: MachineSpec): number | undefined {
  const sizes = disks.map(({ bytes }) => bytes);
  const known = sizes.filter((bytes) => bytes !== undefined);
  if (
    known.length < sizes.length ||
    (security?.qemu.args.length ?? 0) > 0 ||
    grantsOf(security, 'file').some(({ mode }) => mode !== 'r')
  )
    return undefined;
  const largest = Math.max(0, ...known);
  const saved = memoryBytes + Math.ceil(memoryBytes / 16) + gibibyte;
  return Math.max(largest + Math.ceil(largest / 4) + gibibyte, saved, leastLargestFile);
}
