// SPDX-License-Identifier: MIT
import path from 'node:path';
import type { InstanceName } from '#contract/names.ts';
import { mebibyte } from '#contract/units.ts';
import type { Credentials, MachineSpec } from '../core/ports.ts';
import type { ResourceLimits } from './cgroups/machine-cgroups.ts';

/**
 * All that a machine's process may touch. Profile, private /dev, kept paths and ownership are
 * derived from this one value, so that they cannot differ.
 */
export interface MachineAccess {
  readonly instance: InstanceName;
  readonly owner: Credentials;
  /** Absolute path of QEMU and its name in the profile's name. */
  readonly program: { readonly path: string; readonly name: string };
  readonly readWriteFiles: readonly string[];
  /** Backing files, seed, kernel, initrd, firmware. */
  readonly readOnlyFiles: readonly string[];
  readonly sockets: readonly string[];
  readonly pidFile: string;
  /** Written by QEMU at the end only. */
  readonly consoleLog: string;
  /** stdout and stderr, opened by the launcher. */
  readonly log: string;
  /** Names below /dev beyond null, zero, full, random and urandom. The tap comes as a descriptor. */
  readonly devices: readonly string[];
  readonly limits: ResourceLimits;
  /** Of its cgroups, in every hierarchy: two helpers may each have an instance of this name. */
  readonly cgroup: string;
}

/** What a machine of this specification may touch. */
export function machineAccess(spec: MachineSpec, programPath: string, firmware: readonly string[]): MachineAccess {
  return {
    instance: spec.instance,
    owner: spec.owner,
    program: { path: programPath, name: `qemu-system-${spec.architecture}` },
    readWriteFiles: [spec.disk.path],
    readOnlyFiles: [...spec.disk.backingPaths, spec.seedPath, ...(spec.kernel ? [spec.kernel.kernelPath, spec.kernel.initrdPath] : []), ...firmware],
    sockets: [spec.qmpSocket, spec.serialSocket],
    pidFile: spec.pidFile,
    consoleLog: spec.consoleLog,
    log: spec.log,
    devices: spec.accelerator === 'kvm' ? ['kvm'] : [],
    limits: resourceLimits(spec),
    cgroup: cgroupName(spec),
  };
}

/** The instance and the id that its run directory is named by. */
export function cgroupName({ instance, qmpSocket }: MachineSpec): string {
  return `${instance}.${path.basename(path.dirname(qmpSocket))}`;
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
