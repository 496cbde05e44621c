// SPDX-License-Identifier: MIT
import type { Architecture } from '#contract/images.ts';
import type { Accelerator } from '#contract/instances.ts';
import type { InstanceName, MacAddress } from '#contract/names.ts';
import type { LaterValue } from '#contract/open-enum.ts';
import type { ToldSecuritySettings } from '#contract/security.ts';
import type { Credentials } from './processes.ts';

/**
 * All that decides a machine's hardware. Kept in the record; the argument list is a function of it. Its stored form is
 * store/machine-record.ts, which does not compile where it differs.
 */
export interface MachineSpec {
  readonly schema: 2;
  /** The instance's: of its run directory, its cgroups and its taps. */
  readonly id: string;
  readonly instance: InstanceName;
  /** SMBIOS UUID, the same at every boot. */
  readonly uuid: string;
  readonly architecture: Architecture | LaterValue;
  readonly accelerator: Accelerator | LaterValue;
  readonly stamp: MachineStamp;
  readonly cpus: number;
  /** As many as it may have while it runs; `cpus` at least. */
  readonly maxCpus: number;
  readonly memoryBytes: number;
  /** For memory that comes while it runs; absent: none does. */
  readonly memorySlots?: MemorySlots | undefined;
  readonly owner: Credentials;
  /** The one that it was launched with is the first. */
  readonly disks: readonly MachineDisk[];
  /** What a guest reads at its boot: the seed. */
  readonly cdrom: { readonly path: string; readonly place: PciPlace };
  /** The instance's address is that of the first. */
  readonly nics: readonly MachineNic[];
  /** Ids of disks and NICs, and `seed`: what the firmware looks at, in this order. */
  readonly bootOrder: readonly string[];
  readonly kernel?:
    | { readonly kernelPath: string; readonly initrdPath: string; readonly commandLine: string }
    | undefined;
  /** Root's alone, with the sockets in it. */
  readonly runDirectory: string;
  /** Absolute paths in the run directory; unix socket paths hold 107 bytes at most (unix(7)). */
  readonly qmpSocket: string;
  readonly serialSocket: string;
  /** QEMU itself appends every byte of the serial port here (chardev logfile). */
  readonly consoleLog: string;
  /** What QEMU and the launcher print. */
  readonly log: string;
  /** What its owner decided; absent in the record of a machine from before there was anything to decide. */
  readonly security?: MachineSecurity | undefined;
  readonly hardware: MachineHardware;
  /**
   * How many file systems can be plugged in while it runs; its memory is shared with those who serve them. Absent:
   * none.
   */
  readonly shareSlots?: number | undefined;
  /** Absent in the record of a machine from before there was any. */
  readonly memory?: MachineMemory | undefined;
}

/** The files of its memory, which it has as descriptors while it is suspended and while it goes on. */
export interface MachineMemory {
  readonly savePath: string;
  /** Of one that goes on where another ended. */
  readonly loadPath?: string | undefined;
}

/** What a guest's state is bound to: it goes on only where all of it is the same. */
export interface MachineStamp {
  /** With its version, as QEMU's `-machine` has it. */
  readonly machineType: string;
  /** As QEMU's `-cpu` has it. */
  readonly cpuModel: string;
  /** As QEMU said at the start; absent until then, and of a machine that an earlier version started. */
  readonly qemuVersion?: string | undefined;
}

export interface MemorySlots {
  readonly count: number;
  /** Of all memory, that of the start included. */
  readonly maxBytes: number;
}

/** Where a device is: the guest finds it there at every boot. */
export interface PciPlace {
  /** `pcie.0`, or the id of the port that it is plugged into. */
  readonly bus: string;
  readonly slot: number;
}

export interface MachineDisk {
  /** One in the machine, at most 32 of `a-z`, `0-9` and `-`. */
  readonly id: string;
  readonly path: string;
  readonly format: 'qcow2' | 'raw' | LaterValue;
  /** Of qcow2, the nearest first. */
  readonly backingPaths: readonly string[];
  /** What the guest sees; absent in the record of a machine from before it was of use. */
  readonly bytes?: number | undefined;
  readonly isReadOnly: boolean;
  readonly place: PciPlace;
}

export interface MachineNic {
  /** `nic` and a number. */
  readonly id: string;
  readonly mac: MacAddress;
  readonly tap: string;
  readonly place: PciPlace;
}

/** What is decided on a machine's confinement. */
export type MachineSecurity = Omit<ToldSecuritySettings, keyof HardwareSettings>;
export type HardwareSettings = Pick<
  ToldSecuritySettings,
  'usesHugepages' | 'usesVhostNet' | 'vfioGroups' | 'blockDevices'
>;

/** What a machine has of the host's own hardware. A device without a place is where QEMU itself put it. */
export interface MachineHardware {
  readonly usesHugepages: boolean;
  readonly usesVhostNet: boolean;
  /** Numbers of IOMMU groups: all devices of one go to the machine, as functions of one slot. */
  readonly vfioGroups: readonly { readonly group: number; readonly place?: PciPlace | undefined }[];
  readonly hostDisks: readonly {
    readonly path: string;
    readonly isReadOnly: boolean;
    readonly place?: PciPlace | undefined;
  }[];
}
