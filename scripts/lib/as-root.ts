// SPDX-License-Identifier: MIT
import { fail } from './heading.ts';
import { runProgram } from './run-program.ts';

export const isRoot = process.getuid?.() === 0;

/** The command line that runs `command` with root rights; sudo keeps the named variables. */
export function asRoot(command: readonly string[]): readonly string[] {
  if (isRoot) return command;
  return ['sudo', '--preserve-env=PATH,CI,BERTH_PRIVATE_NETWORK,BERTH_RUN_DIR', '--', ...command];
}

/** Asks for the password now, while somebody looks at the terminal. */
export async function obtainRoot(reason: string): Promise<void> {
  if (isRoot) return;
  const asked = await runProgram('sudo', ['-v', '-p', `Password of %u, ${reason}: `], { stdio: 'inherit' });
  if (asked.exitCode !== 0)
    fail(`root rights are needed ${reason}, and sudo refused.`, 'Run this as root, or allow sudo for your user.');
}
