// SPDX-License-Identifier: MIT
/**
 * The seams between the helper's layers, and nothing else. A folder implements a port or takes one
 * in a constructor; `compose.ts` is the only place that knows which implementation meets which user.
 */
import type { Duplex, Readable, Writable } from 'node:stream';
import type { CatalogueEntry, Architecture, VaultImage, ImageImportParams, ImageImportUrlParams, ImageRemote, ImageSettings } from '#contract/images.ts';
import type { Accelerator } from '#contract/instances.ts';
import type { AccessEntry, ConfinementLayer, SecuritySettings } from '#contract/security.ts';
import type { Fingerprint, InstanceName, MacAddress, OperationId } from '#contract/names.ts';
import type { StepProgress } from '#contract/operations.ts';
import type { Logger } from './log.ts';

/** Who is behind a connection, by the kernel's word (SO_PEERCRED). */
export interface Actor {
  readonly uid: number;
  readonly gid: number;
  readonly pid: number;
}

/** What a step of a long job works with. */
export interface OperationContext {
  readonly id: OperationId;
  readonly actor: Actor;
  /** Aborted by cancel; every wait of over 100 ms listens to it. */
  readonly signal: AbortSignal;
  readonly log: Logger;
  /** Undo steps: deferred right after each effect, run in reverse when the job fails, dropped when it succeeds. */
  readonly undo: AsyncDisposableStack;
  report(progress: StepProgress): void;
}

// ---- processes -------------------------------------------------------------------------------

/** A process that can be found again after a restart of the helper; a pid alone may be another by then. */
export interface ProcessRef {
  readonly pid: number;
  /** Field 22 of /proc/<pid>/stat (proc(5)): clock ticks between host boot and the start of the process. */
  readonly startTicks: number;
}

export interface Credentials {
  readonly uid: number;
  readonly gid: number;
}

/**
 * What surrounds a process beyond its user. `none-needed` says that somebody thought about it: it works on
 * the helper's own data, or serves to make the confinement of others.
 */
export type ProcessConfinement = 'none-needed' | 'by-launcher' | {
  /** An AppArmor profile that is loaded, entered at exec; undefined where the kernel has none. */
  readonly profile: string | undefined;
  readonly limits?: ProcessLimits;
};

/** Kernel limits of setrlimit(2). */
export interface ProcessLimits {
  /** Address space. */
  readonly memoryBytes: number;
  readonly cpuSeconds: number;
  readonly fileBytes?: number;
}

export interface ProcessSpec {
  /** A name from the closed list in process/programs.ts; it decides the absolute path. */
  readonly program: string;
  readonly args: readonly string[];
  readonly confinement: ProcessConfinement;
  /** Runs as this user, with no supplementary groups and no capabilities; as the helper's user when absent. */
  readonly runAs?: Credentials;
  /** The kernel ends it when the helper is gone, however that went: nobody else wants what it does. Not so where it enters a profile. */
  readonly endsWithHelper?: true;
  /**
   * Starts with the one right to become this user, which the program does itself as soon as it is loaded
   * (`process/become-user.ts`): for a program of ours in a directory that the user may not enter.
   */
  readonly becomes?: Credentials;
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Extra descriptors handed on from number 3 up. */
  readonly passedFds?: readonly number[];
}

export interface RunOptions {
  readonly signal: AbortSignal;
  readonly timeoutMs?: number;
  readonly input?: string | Uint8Array;
  /** Called with each chunk of stdout as it comes. */
  readonly onStdout?: (chunk: Buffer) => void;
}

export interface ProcessOutput {
  readonly stdout: string;
  readonly stderr: string;
}

export interface ProcessExit {
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A child that runs on while the helper does other things. */
export interface ManagedProcess {
  readonly ref: ProcessRef;
  readonly exited: Promise<ProcessExit>;
  /** The last lines it wrote to stderr, newest last. */
  recentErrors(): readonly string[];
  /** TERM, then KILL after five seconds, to the whole process group. Resolves when it is gone. */
  stop(): Promise<void>;
  signal(signal: NodeJS.Signals): void;
}

/** A child whose stdin and stdout are the helper's to speak through; ending stdin is its end of input. */
export interface ConversingProcess extends ManagedProcess {
  readonly stdin: Writable;
  readonly stdout: Readable;
}

/** A child that is held up while its reader has no time. */
export interface StreamedProcess {
  /** What it prints. A block's bytes stay until the next but one is asked for; who keeps them longer copies them. */
  readonly blocks: AsyncIterableIterator<Buffer, undefined>;
  /** Does not wait for its output to be read. */
  readonly exited: Promise<ProcessExit>;
  recentErrors(): readonly string[];
  /** As {@link ManagedProcess.stop}. */
  stop(): Promise<void>;
}

export interface ProcessRunner {
  /** Runs to the end. Rejects with process.failed on another exit code than 0, with AbortError on abort. */
  run(spec: ProcessSpec, options: RunOptions): Promise<ProcessOutput>;
  /**
   * Starts a process of its own session. With `logPath` its stdout and stderr are appended to that
   * file, so that it can outlive the helper; without, stderr is kept for {@link ManagedProcess.recentErrors}.
   */
  spawn(spec: ProcessSpec, options?: { readonly logPath?: string; readonly onStdout?: (chunk: Buffer) => void }): Promise<ManagedProcess>;
  /** Starts a process to exchange bytes with; `onStderr` is called with each chunk of its stderr. */
  converse(spec: ProcessSpec, onStderr?: (text: string) => void): Promise<ConversingProcess>;
  /** Starts a process of its own session whose stdout is read in blocks: for much of it. */
  stream(spec: ProcessSpec): Promise<StreamedProcess>;
}

// ---- images ----------------------------------------------------------------------------------

/** A vault image with the paths a machine needs. The files are owned by root, mode 0444, and never change. */
export interface VaultRecord {
  readonly image: Omit<VaultImage, 'usedBy'>;
  readonly diskPath: string;
  /** Present where the image is booted by a kernel beside it. */
  readonly kernel?: { readonly kernelPath: string; readonly initrdPath: string; readonly commandLine: string } | undefined;
}

export interface OverlayRequest {
  readonly base: VaultRecord;
  readonly path: string;
  /** The overlay's virtual size. */
  readonly sizeBytes: number;
  /** The user its machine runs as. */
  readonly owner: Credentials;
}

export interface Images {
  catalogue(): readonly CatalogueEntry[];
  list(usedBy: (fingerprint: Fingerprint) => readonly string[]): readonly VaultImage[];
  /** By fingerprint, by a unique prefix of it of 12 digits or more, or by alias. Undefined when not in the vault. */
  find(reference: string): VaultRecord | undefined;
  /** The vault image for a reference, built or fetched first where the catalogue has it. Rejects with image.not-found. */
  ensure(reference: string, ctx: OperationContext): Promise<VaultRecord>;
  import(params: ImageImportParams, ctx: OperationContext): Promise<VaultRecord>;
  importUrl(params: ImageImportUrlParams, ctx: OperationContext): Promise<VaultRecord>;
  /** The newest image of a remote's entry, fetched where the vault has it not. */
  fetch(alias: string, ctx: OperationContext): Promise<VaultRecord>;
  remove(fingerprint: Fingerprint): Promise<void>;
  setPinned(fingerprint: Fingerprint, isPinned: boolean): Promise<void>;
  /** Rejects with image.damaged when a file is not what it was. */
  verify(fingerprint: Fingerprint, ctx: OperationContext): Promise<void>;
  /** Removes expired images that nobody uses; with `isEverything` all that nobody uses and that are not pinned. */
  prune(isUsed: (fingerprint: Fingerprint) => boolean, isEverything: boolean): Promise<{ readonly removed: readonly Fingerprint[]; readonly freedBytes: number }>;
  remotes(): readonly ImageRemote[];
  /** Rejects only when every remote that was asked failed. */
  refresh(maxAgeSeconds: number, ctx: OperationContext): Promise<void>;
  settings(): ImageSettings;
  configure(settings: ImageSettings): Promise<void>;
  /** A qcow2 overlay on a vault image, mode 0600. */
  createOverlay(request: OverlayRequest, signal: AbortSignal): Promise<void>;
  onChange(listener: () => void): void;
}

// ---- network ---------------------------------------------------------------------------------

export interface Tap {
  readonly name: string;
  /** An open descriptor of the tap, for one machine's start; the caller closes it. */
  openFd(): number;
}

export interface Lease {
  readonly mac: MacAddress;
  readonly address: string;
  readonly at: Date;
}

/** What was seen of the network; `unknown` where looking failed, which is never the same as absent. */
export interface NetworkObservation {
  readonly bridge: 'present' | 'absent' | 'foreign' | 'unknown';
  readonly dnsmasq: 'running' | 'absent' | 'unknown';
  readonly taps: readonly string[] | 'unknown';
  readonly subnet?: string;
  readonly table: 'present' | 'absent' | 'unknown';
}

export interface NetworkAttachment {
  readonly instance: InstanceName;
  readonly mac: MacAddress;
  readonly tap: string;
  readonly owner: Credentials;
}

export interface NetworkBackend {
  observe(): Promise<NetworkObservation>;
  /**
   * Brings the host to what `attachments` ask for and removes what carries our name and is not asked
   * for: at helper start, with the machines that were adopted.
   */
  reconcile(attachments: readonly NetworkAttachment[], signal: AbortSignal): Promise<void>;
  /** The bridge, dnsmasq and NAT are there afterwards, and a tap of the attachment's name on the bridge. */
  attach(attachment: NetworkAttachment, signal: AbortSignal): Promise<Tap>;
  /** Removes the tap and the lease; the last one takes bridge, table and dnsmasq with it. */
  detach(tap: string): Promise<void>;
  /** Gives the reserved address free: the instance is gone for good. */
  forget(mac: MacAddress): Promise<void>;
  leaseFor(mac: MacAddress): Lease | undefined;
  /** Calls back on a lease given, renewed (`lease` present) or ended; returns the way to stop listening. */
  onLease(listener: (mac: MacAddress, lease: Lease | undefined) => void): () => void;
  /** Stops nothing: machines keep their network while no helper lives. */
  close(): Promise<void>;
}

// ---- hypervisor ------------------------------------------------------------------------------

/** All that decides a machine's hardware. Kept in the record; the argument list is made anew at each start. */
export interface MachineSpec {
  readonly schema: 1;
  readonly instance: InstanceName;
  /** SMBIOS UUID, the same at every boot. */
  readonly uuid: string;
  readonly architecture: Architecture;
  readonly accelerator: Accelerator;
  readonly cpus: number;
  readonly memoryBytes: number;
  readonly owner: Credentials;
  readonly disk: { readonly path: string; readonly backingPaths: readonly string[] };
  readonly seedPath: string;
  readonly kernel?: { readonly kernelPath: string; readonly initrdPath: string; readonly commandLine: string } | undefined;
  readonly nic: { readonly mac: MacAddress; readonly tap: string };
  /** Absolute paths below the run directory; unix socket paths hold 107 bytes at most (unix(7)). */
  readonly qmpSocket: string;
  readonly serialSocket: string;
  readonly pidFile: string;
  /** QEMU itself appends every byte of the serial port here (chardev logfile). */
  readonly consoleLog: string;
  /** What QEMU and the launcher print. */
  readonly log: string;
  /** What its owner decided; absent in the record of a machine from before there was anything to decide. */
  readonly security?: SecuritySettings | undefined;
  /** How many file systems can be plugged in while it runs; its memory is shared with those who serve them. Absent: none. */
  readonly shareSlots?: number | undefined;
}

/** A file system that another process serves by vhost-user. */
export interface PluggedShare {
  /** Eight hexadecimal digits. */
  readonly id: string;
  /** What the guest's name for it begins with; 34 bytes at most. */
  readonly tag: string;
  /** In the directory of the machine's sockets. */
  readonly socket: string;
}

/** A stream of bytes into the guest that needs no network: a port of virtio-serial (docs.kernel.org, virtio console). */
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
  | { readonly kind: 'reset' | 'stop' | 'resume' | 'powerdown' | 'guest-panicked'; readonly at: Date };

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
  readonly exited: Promise<MachineExit>;
  onEvent(listener: (event: MachineEvent) => void): () => void;
  /** QMP query-status: running, paused, shutdown, … */
  status(signal: AbortSignal): Promise<string>;
  /** Presses the power button (ACPI). The guest decides. */
  powerDown(signal: AbortSignal): Promise<void>;
  /** Ends QEMU at once and resolves when it is gone. */
  kill(): Promise<void>;
  /** Resolves with the tag that the guest mounts it by. Rejects with hypervisor.control-failed, also where no slot is free. */
  plugShare(share: PluggedShare, signal: AbortSignal): Promise<string>;
  /** Resolves with false where the guest did not let go of it. */
  unplugShare(id: string, signal: AbortSignal): Promise<boolean>;
  /**
   * Plugs in a port whose name begins with that one, in place of those that are there. The machine connects to the socket,
   * which nobody else can. Where it rejects nothing of it stays. Rejects with hypervisor.control-failed, also where the machine was started without ports.
   */
  openPort(port: { readonly name: string; readonly socket: string }, signal: AbortSignal): Promise<GuestPort>;
  /** Takes out what was opened by that name, by this helper or one before. */
  closePorts(name: string, signal: AbortSignal): Promise<void>;
  /** Connects to the serial port's socket. */
  openSerial(): Promise<Duplex>;
  /** The layers around the process as measured now. */
  confinement(): Promise<readonly ConfinementLayer[]>;
  /** What the kernel calls the process, such as `multipass.a.qemu-system-x86_64 (enforce)`; undefined where it has no AppArmor. */
  label(): Promise<string | undefined>;
  /** Whether it has this file or device open now. */
  hasOpen(file: string): Promise<boolean>;
  /** Lets go of the machine without touching it (the helper is ending). */
  release(): void;
}

/** A machine as far as file systems are plugged into it. */
export interface MachineWithShares extends Pick<RunningMachine, 'plugShare' | 'unplugShare' | 'openPort' | 'closePorts'> {
  /** Where it sees the socket of this share. */
  readonly socketOf: (shareId: string) => string;
  /** 0: its memory cannot be shared. */
  readonly slots: number;
}

export interface HypervisorCapabilities {
  readonly accelerator: Accelerator;
  readonly acceleratorReason: string;
  readonly qemuVersion: string;
}

export interface Hypervisor {
  /** Probes once per boot of the host and remembers. */
  capabilities(signal: AbortSignal): Promise<HypervisorCapabilities>;
  /** Starts QEMU, detached, confined; resolves after the QMP greeting with the guest running. */
  start(machine: MachineSpec, tap: Tap, ctx: Pick<OperationContext, 'signal' | 'log' | 'undo'>): Promise<RunningMachine>;
  /** Takes over a machine that runs already: pid, start time and executable must match. */
  adopt(machine: MachineSpec, ref: ProcessRef): Promise<RunningMachine | undefined>;
  /** All that a machine of this specification may touch, as its confinement has it. */
  access(machine: MachineSpec): Promise<readonly AccessEntry[]>;
  /** Brings the confinement of a machine that runs to its specification, as far as that needs no new start. */
  renew(machine: MachineSpec, process: ProcessRef, signal: AbortSignal): Promise<void>;
  /** Removes what a start left outside the process: profile, sockets, pid file. After the exit only. */
  cleanUp(machine: MachineSpec): Promise<void>;
}

// ---- guest -----------------------------------------------------------------------------------

/** How to reach one guest's SSH. The host key is pinned: it was given to the guest in its seed. */
export interface GuestTarget {
  readonly address: string;
  readonly user: string;
  readonly privateKey: string;
  /** `ssh-ed25519 AAAA…` */
  readonly hostKey: string;
}

export interface GuestProcess {
  readonly stdin: Writable;
  readonly stdout: Readable;
  readonly stderr: Readable;
  readonly ended: Promise<{ readonly exitCode?: number; readonly signal?: string }>;
  resize(columns: number, rows: number): void;
  close(): void;
}
