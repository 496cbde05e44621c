// SPDX-License-Identifier: MIT
import type { InstanceName } from '#contract/names.ts';
import { runInGuest } from '../../bench/lib/guest.ts';
import type { HelperConnection } from '../../client/helper-connection.ts';

/** Of stress-ng(1), class filesystem: those that work on files of a folder of their own and check what they did. */
export const stressors = [
  'access',
  'chdir',
  'chmod',
  'dentry',
  'dir',
  'dirmany',
  'fallocate',
  'fcntl',
  'filename',
  'flock',
  'fstat',
  'getdent',
  'hdd',
  'io',
  'link',
  'lockf',
  'open',
  'rename',
  'seek',
  'symlink',
  'touch',
  'utime',
  'xattr',
] as const;
type Stressor = (typeof stressors)[number];

/** Those that make so many files that an emulated guest is long at taking them away are left out. */
export const quickStressors = stressors.filter(
  (stressor) => !['dentry', 'dirmany', 'filename', 'link', 'symlink'].includes(stressor),
);

interface StressedGuest {
  readonly connection: HelperConnection;
  readonly name: InstanceName;
  /** Words that run stress-ng there. */
  readonly program: string;
}

/**
 * Runs stressors at once in a folder of the guest, each told to verify what it does, and returns those that failed or
 * could not run there.
 * @throws Error where stress-ng itself did not come through
 */
export async function failingStressors(
  { connection, name, program }: StressedGuest,
  folder: string,
  { chosen, seconds }: { readonly chosen: readonly Stressor[]; readonly seconds: number },
): Promise<readonly string[]> {
  const options = [
    ...chosen.map((stressor) => `--${stressor} 1`),
    ...(chosen.includes('hdd') ? ['--hdd-bytes 4M'] : []),
    ...(chosen.includes('chdir') ? ['--chdir-dirs 64'] : []),
  ].join(' ');
  const printed = await runInGuest(
    connection,
    name,
    `mkdir -p ${folder}/stress && cd ${folder}/stress && { timeout 120 ${program} --temp-path . ${options} --timeout ${seconds} --verify --metrics-brief 2>&1; echo "exit code $?"; }`,
  );
  // `process [350] (xattr) aborted early, …`, `… terminated with an error …`; `fail: [350] xattr: …`
  const failing = new Set(
    Array.from(
      printed.matchAll(/\(([a-z-]+)\) (?:aborted|terminated)|fail: +\[\d+\] ([a-z-]+):/g),
      ([, ended, said]) => ended ?? said ?? '',
    ),
  );
  // `info: [911] dispatching hogs: 1 access, 1 chdir, …`; in the table at the end is missing who was too slow for one
  // operation
  const dispatched = (/dispatching hogs: (.*)/.exec(printed)?.[1] ?? '').split(', ');
  const isThrough =
    / run completed in /.test(printed) && chosen.every((stressor) => dispatched.includes(`1 ${stressor}`));
  if (!isThrough || (failing.size === 0 && !printed.endsWith('exit code 0\n')))
    throw new Error(`stress-ng in ${folder}: ${printed.slice(-2000)}`);
  return [...failing].sort((a, b) => (a < b ? -1 : 1));
}
