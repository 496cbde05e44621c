// SPDX-License-Identifier: MIT
// What runs machines, and one that runs.
import type { Duplex } from 'node:stream';
import type { Accelerator } from '#contract/instances.ts';
import type { PauseReason } from '#contract/pause.ts';
import type { AccessEntry, ConfinementLayer } from '#contract/security.ts';
import type { HelperError } from '../errors.ts';
import type { MachineSpec } from './machine-spec.ts';
import type { Tap } from './network.ts';
import type { OperationContext } from './operation.ts';
import type { ProcessRef } from './processes.ts';
import type { OwnDescriptor } from '../own-descriptor.ts';

/** A file system that another process serves by vhost-user. */
export interface PluggedShare {
  /** Eight hexadecimal digits. */
  readonly id: string;
  /** What the guest's name for it begins with; 34 bytes at most. */
  readonly tag: string;
  /** To the server. The machine gets a descriptor of it, and this one is closed whatever comes. */
  readonly connection: OwnDescriptor;
}

/**
 * A stream of bytes into the guest that needs no network: a port of virtio-serial (docs.kernel.org, virtio console).
 */
export interface GuestPort {
  /** What the guest finds it by, in /sys/class/virtio-ports. */
  readonly name: string;
  readonly stream: Duplex;
  /** Resolves when whoever had it open in the guest has let go of it, or the machine is gone. */
  readonly closedInGuest: Promise<void>;
  /** Takes it out of the machine. */
  close(): Promise<void>;
}

export type MachineEvent =
  | { readonly kind: 'shutdown'; readonly byGuest: boolean; readonly reason: string; readonly at: Date }
  | { readonly kind: 'device-deleted'; readonly device: string; readonly at: Date }
  | { readonly kind: 'port-changed'; readonly device: string; readonly isOpen: boolean; readonly at: Date }
  /** The host could not do what the guest asked of a disk; `isPausing`: a stop follows, and the guest is not told. */
  | { readonly kind: 'disk-failed'; readonly isPausing: boolean; readonly isFull: boolean; readonly at: Date }
  /** How far the memory is saved or loaded: MigrationStatus of qapi/migration.json. */
  | { readonly kind: 'migration'; readonly status: string; readonly at: Date }
  | { readonly kind: 'reset' | 'stop' | 'resume' | 'powerdown' | 'guest-panicked'; readonly at: Date };

/** QEMU holds the guest's processors. */
export interface MachinePause {
  readonly reason: PauseReason;
  readonly at: Date;
}

export interface MachineExit {
  /** Null where the process was adopted and no parent learnt its status. */
  readonly exitCode: number | null;
  readonly signal: string | null;
  /** The end of the machine's log. */
  readonly lastLines: readonly string[];
}

export interface RunningMachine {
  readonly process: ProcessRef;
  /** When QEMU's process started and when its QMP greeting came. */
  readonly startedAt: Date;
  /** As QEMU said before its guest ran; undefined of one that was taken over, whose guest may speak for it by now. */
  readonly qemuVersion: string | undefined;
  readonly exited: Promise<MachineExit>;
  /**
   * False for one that an earlier helper left and that has not answered this one yet: it can be killed, and asked for
   * nothing.
   */
  readonly isAnswering: boolean;
  /** Resolves when it answers, or never. */
  readonly answered: Promise<void>;
  /** Undefined while the guest runs. It has changed by the time that listeners hear of a stop or a resume. */
  readonly pause: MachinePause | undefined;
  onEvent(listener: (event: MachineEvent) => void): () => void;
  /** QMP query-status: running, paused, shutdown, … */
  status(signal: AbortSignal): Promise<string>;
  /** Holds the guest's processors where they are. */
  hold(signal: AbortSignal): Promise<void>;
  /** Lets a paused machine go on: what failed of its disks is tried again. */
  resume(signal: AbortSignal): Promise<void>;
  /** Presses the power button (ACPI). The guest decides. */
  powerDown(signal: AbortSignal): Promise<void>;
  /** Presses the reset button. */
  reset(signal: AbortSignal): Promise<void>;
  /** Ends QEMU at once and resolves when it is gone. */
  kill(): Promise<void>;
  /**
   * Resolves with the tag that the guest mounts it by. Rejects with hypervisor.control-failed, also where no slot is
   * free.
   */
  plugShare(share: PluggedShare, signal: AbortSignal): Promise<string>;
  /** Resolves with false where the guest did not let go of it. */
  unplugShare(id: string, signal: AbortSignal): Promise<boolean>;
  /**
   * Plugs in a port whose name begins with that one, in place of those that are there. Where it rejects nothing of it
   * stays. Rejects with hypervisor.control-failed, also where the machine was started without ports.
   */
  openPort(name: string, signal: AbortSignal): Promise<GuestPort>;
  /** Takes out what was opened by that name, by this helper or one before. */
  closePorts(name: string, signal: AbortSignal): Promise<void>;
  /** The names of what was plugged in while it ran. */
  plugged(signal: AbortSignal): Promise<readonly string[]>;
  /**
   * Writes memory and devices of a machine that is held to an open file, which stays the caller's; resolves when all is
   * written, and the disks are let go of then. Where it rejects, and after it, `resume` lets the machine go on.
   *
   * @throws HelperError hypervisor.control-failed; what the signal aborts with
   */
  saveMemory(descriptor: number, signal: AbortSignal): Promise<void>;
  /** Ends a save that nobody waits for any more. */
  cancelSave(signal: AbortSignal): Promise<void>;
  /** Connects to the serial port. Rejects with hypervisor.control-failed where it is not the machine that listens. */
  openSerial(): Promise<Duplex>;
  /** The layers around the process as measured now. */
  confinement(): Promise<readonly ConfinementLayer[]>;
  /**
   * What the kernel calls the process, such as `multipass.a.qemu-system-x86_64 (enforce)`; undefined where it has no
   * AppArmor.
   */
  label(): Promise<string | undefined>;
  /** Whether it has this file or device open now. */
  hasOpen(file: string): Promise<boolean>;
  /** Lets go of the machine without touching it (the helper is ending). */
  release(): void;
}

/** A machine as far as file systems are plugged into it. */
export interface MachineWithShares extends Pick<
  RunningMachine,
  'plugShare' | 'unplugShare' | 'openPort' | 'closePorts'
> {
  /** 0: its memory cannot be shared. */
  readonly slots: number;
}

export interface HypervisorCapabilities {
  readonly accelerator: Accelerator;
  readonly acceleratorReason: string;
  readonly qemuVersion: string;
}

/** The memory that a machine begins with. */
export interface LoadedMemory {
  /** Open to be read at its beginning; the caller's. */
  readonly descriptor: number;
  /** Before it is loaded: refuses by throwing. */
  readonly requireVersion: (qemuVersion: string | undefined) => void;
  /** It is loaded and goes on when this resolves. */
  readonly goesOn: () => Promise<void>;
  /**
   * It has gone on, or may have: `unclear` is why nobody knows. All that the start deferred is in its undo by now, and
   * whatever fails afterwards is no reason to end the machine. Not called where QEMU said that it does not go on.
   */
  readonly wentOn: (unclear?: HelperError) => void;
}

/** A machine whose room is made as far as it needs neither files nor tap. */
export interface PreparedMachine {
  /**
   * Starts QEMU, detached, confined; resolves after the QMP greeting with the guest running. Once only. `taps` are
   * those of the specification's NICs, in their order. With `memory` the guest goes on where it was; rejects with
   * memory.refused where QEMU does not take it.
   */
  start(
    taps: readonly Tap[],
    ctx: Pick<OperationContext, 'signal' | 'log' | 'undo'>,
    memory?: LoadedMemory,
  ): Promise<RunningMachine>;
}

/** What tells where the things of a machine are that were made around its process. */
export interface MachinePlace extends Pick<MachineSpec, 'id' | 'instance' | 'runDirectory'> {
  /** Undefined where nothing tells: of any. */
  readonly architecture: MachineSpec['architecture'] | undefined;
}

export interface Hypervisor {
  /** Probes once per boot of the host and remembers. */
  capabilities(signal: AbortSignal): Promise<HypervisorCapabilities>;
  /**
   * Makes what a start needs while disk, seed and tap are made. Whatever comes of it, {@link cleanUp} takes it away.
   */
  prepare(machine: MachineSpec, signal: AbortSignal): Promise<PreparedMachine>;
  /** Takes over a machine that runs already: pid, start time and executable must match. It may answer later. */
  adopt(machine: MachineSpec, ref: ProcessRef): Promise<RunningMachine | undefined>;
  /** The process of a machine that was started, and of which no more is known than where its sockets are. */
  find(machine: Pick<MachineSpec, 'runDirectory'>): Promise<ProcessRef | undefined>;
  /** Whether that process has this file open now. */
  hasOpen(process: ProcessRef, file: string): Promise<boolean>;
  /**
   * Ends the machine of a record that cannot be used, at once, by the process that is noted where its sockets are or in
   * the record, and resolves when it is gone. Rejects with hypervisor.still-runs where that cannot be, and where the
   * note cannot be read: storage.failed, record.damaged.
   */
  end(machine: Pick<MachineSpec, 'runDirectory'>, recorded: ProcessRef | undefined): Promise<void>;
  /** All that a machine of this specification may touch, as its confinement has it. */
  access(machine: MachineSpec): Promise<readonly AccessEntry[]>;
  /** Brings the confinement of a machine that runs to its specification, as far as that needs no new start. */
  renew(machine: MachineSpec, process: ProcessRef, signal: AbortSignal): Promise<void>;
  /**
   * Removes what a start left outside the process: profile, sockets. Rejects with hypervisor.still-runs before the
   * exit, and has removed nothing then.
   */
  cleanUp(machine: MachinePlace): Promise<void>;
}
