// SPDX-License-Identifier: MIT
// How other programs are run.
import type { Readable, Writable } from 'node:stream';

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
export type ProcessConfinement =
  | 'none-needed'
  | 'by-launcher'
  | {
      /** An AppArmor profile that is loaded, entered at exec; undefined where the kernel has none. */
      readonly profile: string | undefined;
      readonly limits?: ProcessLimits;
    };

/** Kernel limits of setrlimit(2). */
export interface ProcessLimits {
  /** Address space. */
  readonly memoryBytes?: number;
  /**
   * Of the address space what is the process's alone and can be written, for one that reserves far more than it uses,
   * as Node does.
   */
  readonly dataBytes?: number;
  readonly cpuSeconds?: number;
  readonly fileBytes?: number;
  readonly openFiles?: number;
  /** Threads and processes of its user, together. */
  readonly threads?: number;
}

export interface ProcessSpec {
  /** A name from the closed list in process/programs.ts; it decides the absolute path. */
  readonly program: string;
  readonly args: readonly string[];
  readonly confinement: ProcessConfinement;
  /** Runs as this user, with no supplementary groups and no capabilities; as the helper's user when absent. */
  readonly runAs?: Credentials;
  /**
   * Starts without no_new_privs, after which the kernel lets a confined helper's program change into no child profile
   * (apparmor, domain.c). Its bounding set is empty all the same.
   */
  readonly changesProfile?: true;
  /**
   * The kernel ends it when the helper is gone, however that went: nobody else wants what it does. Not so where it
   * enters a profile.
   */
  readonly endsWithHelper?: true;
  /**
   * Starts with the one right to become this user, which the program does itself as soon as it is loaded
   * (`posix/become-user.ts`): for a program of ours in a directory that the user may not enter.
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
  /** A program that prints more fails; where `onStdout` takes it, what is more is not in the output. */
  readonly mostOutputBytes?: number;
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

/** A child that waits for a line on its stdin before it becomes what it was started for, and ends where none comes. */
export interface HeldProcess extends ManagedProcess {
  letGo(): void;
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
  spawn(
    spec: ProcessSpec,
    options?: { readonly logPath?: string; readonly onStdout?: (chunk: Buffer) => void },
  ): Promise<ManagedProcess>;
  /**
   * As spawn with `logPath`, of a program that waits until it is let go; where the helper ends before that, so does it.
   */
  spawnHeld(spec: ProcessSpec, logPath: string): Promise<HeldProcess>;
  /** Starts a process to exchange bytes with; `onStderr` is called with each chunk of its stderr. */
  converse(spec: ProcessSpec, onStderr?: (text: string) => void): Promise<ConversingProcess>;
  /**
   * Starts a process of its own session whose stdout is read in blocks: for much of it. `input` is all that it gets on
   * stdin.
   */
  stream(spec: ProcessSpec, input?: string): Promise<StreamedProcess>;
}
