// SPDX-License-Identifier: MIT
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { promisify } from 'node:util';

const execute = promisify(execFile);

/** Runs a program to its end and returns its stdout; rejects on another exit code than 0. */
export async function runProgram(program: string, args: readonly string[], signal?: AbortSignal): Promise<string> {
  const { stdout } = await execute(program, [...args], { maxBuffer: 64 * 1024 * 1024, ...(signal ? { signal } : {}) });
  return stdout;
}

/** Whether a program is installed. */
export async function isInstalled(program: string): Promise<boolean> {
  return execute('sh', ['-c', 'command -v "$1"', 'sh', program]).then(
    () => true,
    () => false,
  );
}

/** Starts a program that the caller ends with {@link endProgram}; its output goes nowhere. */
export function startProgram(
  program: string,
  args: readonly string[],
  environment: NodeJS.ProcessEnv = process.env,
): ChildProcess {
  return spawn(program, [...args], { stdio: 'ignore', env: environment });
}

/** Ends a program that we started and waits until it is gone. */
export async function endProgram(child: ChildProcess, signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill(signal);
  await gone;
}
