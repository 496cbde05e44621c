// SPDX-License-Identifier: MIT
import { spawn, type ChildProcess, type IOType } from 'node:child_process';
import { once } from 'node:events';
import { closeSync } from 'node:fs';
import { Socket } from 'node:net';
import { sentence } from '#messages/say.ts';
import { HelperError, messageOf, storageError } from '../core/errors.ts';
import type {
  ConversingProcess,
  HeldProcess,
  ManagedProcess,
  ProcessExit,
  ProcessOutput,
  ProcessRunner,
  ProcessSpec,
  RunOptions,
  StreamedProcess,
} from '../core/seams/processes.ts';
import { openLog } from '../posix/open-log.ts';
import { BlockReader } from './block-reader.ts';
import { becomeVariable } from '../posix/become-user.ts';
import { confinedCommand } from './confined-command.ts';
import { LineTail } from './line-tail.ts';
import { ChildHandle, endOf, stopGroup } from './managed-process.ts';
import { readStat } from './proc-fs.ts';
import { socketPair } from './socket-pair.ts';
import { StreamedChild } from './streamed-process.ts';

/** Nothing of the helper's own environment reaches a program. */
const cleanEnvironment = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C' } as const;
const outputLimitBytes = 32 * 1024 ** 2;
/**
 * Of a process that has a user's name: any other of his can stop it and print in its place (ptrace(2), pidfd_getfd(2)).
 */
const userOutputLimitBytes = 64 * 1024;
const errorLines = 20;

/** Runs the programs of the closed list; the only place of the helper that starts processes. */
export class LocalProcessRunner implements ProcessRunner {
  /**
   * stdout is kept up to `mostOutputBytes` (32 MiB, 64 KiB of a user's process); more is a failure, unless `onStdout`
   * takes it.
   * @throws HelperError process.failed with the program's last lines; AbortError after the process group is gone
   */
  async run(spec: ProcessSpec, options: RunOptions): Promise<ProcessOutput> {
    throwIfAborted(options.signal);
    const { child, exited } = await start(spec, [options.input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe']);
    const collected = collect(
      child,
      options,
      options.mostOutputBytes ?? (spec.runAs === undefined ? outputLimitBytes : userOutputLimitBytes),
    );
    feed(child, options.input);

    let stopped: Promise<void> | undefined;
    const stopNow = (): void => {
      stopped ??= stopGroup(child, exited);
    };
    const timer =
      options.timeoutMs === undefined
        ? undefined
        : setTimeout(() => {
            collected.fault ??= `took longer than ${options.timeoutMs} ms`;
            stopNow();
          }, options.timeoutMs);
    options.signal.addEventListener('abort', stopNow, { once: true });
    collected.onFault = stopNow;
    if (options.signal.aborted) stopNow();
    try {
      const exit = await exited;
      await stopped;
      throwIfAborted(options.signal);
      if (collected.fault !== undefined || exit.exitCode !== 0) throw failureOf(spec, exit, collected);
      return { stdout: Buffer.concat(collected.stdout).toString('utf8'), stderr: collected.stderr.lines().join('\n') };
    } finally {
      clearTimeout(timer);
      options.signal.removeEventListener('abort', stopNow);
    }
  }

  async spawn(
    spec: ProcessSpec,
    options: { readonly logPath?: string; readonly onStdout?: (chunk: Buffer) => void } = {},
  ): Promise<ManagedProcess> {
    if (options.logPath !== undefined) return manage(await startLogged(spec, options.logPath, 'ignore'));
    const started = await start(spec, ['ignore', options.onStdout ? 'pipe' : 'ignore', 'pipe']);
    if (options.onStdout) started.child.stdout?.on('data', options.onStdout);
    return manage(started);
  }

  async spawnHeld(spec: ProcessSpec, logPath: string): Promise<HeldProcess> {
    const started = await startLogged(spec, logPath, 'pipe');
    const { stdin } = started.child;
    if (!stdin) throw new HelperError('internal.bug', { reason: `${spec.program} has no pipe` });
    stdin.on('error', () => undefined); // it ended before it was let go: its exit tells
    if (stdin instanceof Socket) stdin.unref();
    return Object.assign(await manage(started), {
      letGo: () => {
        stdin.end('go\n');
      },
    });
  }

  async converse(spec: ProcessSpec, onStderr?: (text: string) => void): Promise<ConversingProcess> {
    const started = await start(spec, ['pipe', 'pipe', 'pipe']);
    const { stdin, stdout, stderr } = started.child;
    if (!stdin || !stdout || !stderr) throw new HelperError('internal.bug', { reason: `${spec.program} has no pipes` });
    const handle = await manage(started);
    if (onStderr) stderr.on('data', onStderr); // as text: the handle has set the encoding
    return Object.assign(handle, { stdin, stdout });
  }

  async stream(spec: ProcessSpec, input?: string): Promise<StreamedProcess> {
    const [ours, theirs] = socketPair();
    try {
      const child = await spawnChild(spec, [input === undefined ? 'ignore' : 'pipe', theirs, 'pipe']);
      feed(child, input);
      return new StreamedChild(child, new BlockReader(ours));
    } catch (error) {
      closeSync(ours);
      throw error;
    } finally {
      closeSync(theirs);
    }
  }
}

async function startLogged(spec: ProcessSpec, logPath: string, stdin: 'ignore' | 'pipe'): Promise<Started> {
  const log = await openLog(logPath).catch((error: unknown) => {
    throw storageError('open', logPath, error);
  });
  try {
    const started = await start(spec, [stdin, log.fd, log.fd]);
    started.child.unref();
    return started;
  } finally {
    await log.close();
  }
}

interface Started {
  readonly child: ChildProcess;
  readonly exited: Promise<ProcessExit>;
}

async function manage({ child, exited }: Started): Promise<ManagedProcess> {
  const stat = await readStat(child.pid ?? 0);
  return new ChildHandle(child, stat?.startTicks ?? 0, exited);
}

async function start(spec: ProcessSpec, stdio: readonly (IOType | number)[]): Promise<Started> {
  const exits: Promise<ProcessExit>[] = [];
  const child = await spawnChild(spec, stdio, (begun) => exits.push(endOf(begun)));
  return { child, exited: exits[0] ?? endOf(child) };
}

/** `begun` is called at once, so that no event of the child is missed. */
async function spawnChild(
  spec: ProcessSpec,
  stdio: readonly (IOType | number)[],
  begun?: (child: ChildProcess) => void,
): Promise<ChildProcess> {
  const [file, ...args] = await confinedCommand(spec);
  const child = spawn(file ?? '', args, {
    stdio: [...stdio, ...(spec.passedFds ?? [])],
    env: {
      ...cleanEnvironment,
      ...spec.env,
      ...(spec.becomes && { [becomeVariable]: `${spec.becomes.uid}:${spec.becomes.gid}` }),
    },
    cwd: spec.cwd ?? '/',
    detached: true,
  });
  begun?.(child);
  try {
    await once(child, 'spawn');
  } catch (error) {
    throw new HelperError(
      'process.failed',
      { program: spec.program, status: sentence('process.not-started'), reason: messageOf(error) },
      { cause: error },
    );
  }
  return child;
}

interface Collected {
  readonly stdout: Buffer[];
  readonly stderr: LineTail;
  /** Why the run fails whatever the exit code. */
  fault?: string;
  onFault?: () => void;
}

function collect(child: ChildProcess, options: RunOptions, limitBytes: number): Collected {
  const collected: Collected = { stdout: [], stderr: new LineTail(200) };
  let bytes = 0;
  child.stdout?.on('data', (chunk: Buffer) => {
    options.onStdout?.(chunk);
    bytes += chunk.length;
    if (bytes <= limitBytes) collected.stdout.push(chunk);
    else if (!options.onStdout && collected.fault === undefined) {
      collected.fault = `printed more than ${limitBytes} bytes`;
      collected.onFault?.();
    }
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => collected.stderr.push(text));
  return collected;
}

function feed(child: ChildProcess, input: string | Uint8Array | undefined): void {
  if (!child.stdin || input === undefined) return;
  child.stdin.on('error', () => {}); // EPIPE: the program ended without reading it all; its exit code tells
  child.stdin.end(input);
}

function failureOf(spec: ProcessSpec, exit: ProcessExit, collected: Collected): HelperError {
  const status =
    exit.exitCode === null
      ? sentence('process.signal', { signal: exit.signal ?? '?' })
      : sentence('process.exit-code', { exitCode: exit.exitCode });
  const lines = collected.stderr.lines().slice(-errorLines).join('\n');
  if (/No space left on device|Disk quota exceeded/.test(lines))
    return new HelperError('storage.disk-full', {
      path: pathIn(lines) ?? spec.args.findLast((word) => word.startsWith('/')) ?? spec.program,
      free: '0 bytes',
      needed: '1 MiB',
    });
  return new HelperError('process.failed', {
    program: spec.program,
    status,
    reason: collected.fault ?? (lines === '' ? sentence('process.said-nothing') : lines),
  });
}

/** The file that a program could not write, where it says which. */
function pathIn(lines: string): string | undefined {
  return /['"]?(\/[^\n:'"]+)['"]?[^\n]*(?:No space left|quota exceeded)/.exec(lines)?.[1];
}

function throwIfAborted(signal: AbortSignal): void {
  if (!signal.aborted) return;
  const reason: unknown = signal.reason;
  if (reason instanceof Error && reason.name === 'AbortError') throw reason;
  throw Object.assign(new Error('The operation was aborted', { cause: reason }), { name: 'AbortError' });
}
