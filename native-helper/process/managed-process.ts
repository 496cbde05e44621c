// SPDX-License-Identifier: MIT
import type { ChildProcess } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import type { ManagedProcess, ProcessExit, ProcessRef } from '../core/seams/processes.ts';
import { LineTail } from './line-tail.ts';

/** How long a process may take to end after TERM before it gets KILL. */
const termGraceMs = 5000;
/**
 * How long output may trail the exit: a grandchild can hold the pipe open for ever, as can a process of the same user
 * (pidfd_getfd(2)).
 */
export const drainMs = 500;

/** A child in a session and process group of its own, whose leader it is. */
export class ChildHandle implements ManagedProcess {
  readonly ref: ProcessRef;
  readonly exited: Promise<ProcessExit>;
  readonly #child: ChildProcess;
  readonly #errors = new LineTail(40);

  /** `startTicks` 0 stands for a child that ended before it could be looked at; it matches no process. */
  constructor(child: ChildProcess, startTicks: number, exited: Promise<ProcessExit>) {
    this.#child = child;
    this.ref = { pid: child.pid ?? 0, startTicks };
    child.stderr?.setEncoding('utf8').on('data', (text: string) => this.#errors.push(text));
    this.exited = exited;
  }

  recentErrors(): readonly string[] {
    return this.#errors.lines();
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  stop(): Promise<void> {
    return stopGroup(this.#child, this.exited);
  }
}

/** Resolves with how the child ended, after its last output. To be called as soon as the child exists. */
export async function endOf(child: ChildProcess): Promise<ProcessExit> {
  const closed = new Promise((resolve) => {
    child.once('close', resolve);
  });
  await new Promise((resolve) => {
    child.once('exit', resolve);
  });
  await Promise.race([closed, delay(drainMs, undefined, { ref: false })]);
  child.stdout?.destroy();
  child.stderr?.destroy();
  return { exitCode: child.exitCode, signal: child.signalCode };
}

/** TERM to the child's whole process group, KILL when that did not help. */
export async function stopGroup(child: ChildProcess, exited: Promise<unknown>): Promise<void> {
  signalGroup(child, 'SIGTERM');
  const timer = setTimeout(() => signalGroup(child, 'SIGKILL'), termGraceMs);
  await exited;
  clearTimeout(timer);
  signalGroup(child, 'SIGKILL');
}

function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch (error) {
    // ESRCH: the group is gone, which is what was wanted
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
