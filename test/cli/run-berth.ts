// SPDX-License-Identifier: MIT
import { spawn } from 'node:child_process';
import { buffer, text } from 'node:stream/consumers';
import { cliBundle } from '../../scripts/lib/paths.ts';

export interface BerthResult {
  readonly exitCode: number | null;
  readonly stdout: Buffer;
  readonly stderr: string;
}

export interface BerthOptions {
  readonly input?: string | Buffer;
  readonly env?: Readonly<Record<string, string>>;
  /** Another command line's bundle; the built one where absent. */
  readonly bundle?: string;
  /** When it is taken to hang, and is ended. */
  readonly hangMs?: number;
}

/** Longer than any wait of a command for a small guest, which says by itself what did not come. */
const usualHangMs = 330_000;

/** Runs the built command line to its end against the helper of a run directory. stdin is empty unless given. */
export async function runBerth(
  runDirectory: string,
  args: readonly string[],
  options: BerthOptions = {},
): Promise<BerthResult> {
  const { hangMs = usualHangMs } = options;
  const child = startBerth(runDirectory, args, options);
  child.stdin.on('error', () => undefined); // a command that does not read all of its input may go first
  child.stdin.end(options.input ?? '');
  const closed = new Promise<number | null>((resolve) => child.once('close', resolve));
  const hangs = setTimeout(() => child.kill('SIGKILL'), hangMs);
  const [stdout, stderr, exitCode] = await Promise.all([buffer(child.stdout), text(child.stderr), closed]);
  clearTimeout(hangs);
  if (child.signalCode === 'SIGKILL' && child.killed)
    throw new Error(
      `berth ${args.join(' ')} did not end in ${hangMs / 1000} s; it had said: ${stdout.toString()}${stderr}`,
    );
  return { exitCode, stdout, stderr };
}

/** Starts the built command line; the caller owns the process. */
export function startBerth(runDirectory: string, args: readonly string[], options: BerthOptions = {}) {
  return spawn(process.execPath, [options.bundle ?? cliBundle, ...args], {
    env: { ...process.env, BERTH_RUN_DIR: runDirectory, ...options.env },
    stdio: 'pipe',
  });
}
