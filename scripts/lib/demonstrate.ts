// SPDX-License-Identifier: MIT
import { heading } from './heading.ts';
import { cliBundle, cliCommand } from './paths.ts';
import { runProgram } from './run-program.ts';
import type { ProgramResult } from './run-program.ts';

export interface Demonstration {
  readonly runDirectory: string;
  readonly stateDirectory: string;
  /** Deletes the instance at the end instead of leaving it to its user. */
  readonly discard: boolean;
  /** What starts a helper that stays, for the same directories. */
  readonly again: string;
}

/** Launches an instance through the command line and runs a command inside it. Resolves with the exit code. */
export async function demonstrate(wish: Demonstration): Promise<number> {
  const name = await freeName(wish);
  heading(`Launching ${name} from the image tiny`);
  const launched = await berth(wish, ['launch', 'tiny', '--name', name, '--without-apparmor']);
  if (launched.exitCode !== 0) return launched.exitCode;
  heading(`uname -a inside ${name}`);
  const ran = await berth(wish, ['exec', name, '--', 'uname', '-a']);
  if (wish.discard) {
    heading(`Deleting ${name}`);
    const purged = await berth(wish, ['delete', name, '--purge', '--force', '--yes']);
    return ran.exitCode || purged.exitCode;
  }
  if (ran.exitCode !== 0) return ran.exitCode;
  process.stdout.write(`
${name} keeps running; the helper stops now. To go on, start a helper that stays,
  ${wish.again}
and use the command line in another terminal:
  export BERTH_RUN_DIR=${wish.runDirectory}
  ${cliCommand} shell ${name}
  ${cliCommand} delete ${name}
`);
  return 0;
}

function berth(wish: Demonstration, args: readonly string[], capture = false): Promise<ProgramResult> {
  return runProgram(process.execPath, [cliBundle, ...args], {
    capture,
    env: { ...process.env, BERTH_RUN_DIR: wish.runDirectory },
  });
}

async function freeName(wish: Demonstration): Promise<string> {
  const listed = await berth(wish, ['list', '--format', 'json'], true);
  if (listed.exitCode !== 0) process.stderr.write(listed.output);
  let number = 1;
  while (listed.output.includes(`"demo-${number}"`)) number += 1;
  return `demo-${number}`;
}
