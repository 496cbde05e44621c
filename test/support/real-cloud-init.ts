// SPDX-License-Identifier: MIT
import { spawn } from 'node:child_process';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { cloudInitPackage } from '../../scripts/lib/cloud-init-package.ts';
import { root } from '../../scripts/lib/paths.ts';

const program = path.join(root, 'test/integration/cloudinit/run-seeds.py');

export interface SeedToRun {
  readonly name: string;
  /** With meta-data, user-data and perhaps vendor-data. */
  readonly seed: string;
  /** Whether Berth's boothook is in it, whose end is waited for. */
  readonly waysIn?: boolean;
}

export interface FileMade {
  readonly mode: string;
  readonly uid: number;
  readonly gid: number;
  /** In base64. */
  readonly content?: string;
  readonly link?: string;
}

/** What cloud-init made of a seed. */
export interface SeedOutcome {
  readonly name: string;
  readonly error?: string;
  readonly failed: readonly string[];
  readonly warnings: readonly string[];
  readonly parts: readonly { readonly type: string; readonly name: string; readonly digest: string }[];
  readonly config: Readonly<Record<string, unknown>>;
  /** All files that are not as they were, by their path. */
  readonly files: Readonly<Record<string, FileMade>>;
}

/** Runs cloud-init's own code on each seed, in a root file system of its own that is thrown away. */
export async function runSeeds(seeds: readonly SeedToRun[], work: string): Promise<ReadonlyMap<string, SeedOutcome>> {
  const namespaces = ['--mount', '--uts', '--ipc', '--net', '--pid', '--fork', '--mount-proc'];
  const child = spawn('unshare', [...namespaces, '/usr/bin/python3', program, cloudInitPackage, work], {
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  child.stdin.end(JSON.stringify(seeds));
  const [output, complaints] = await Promise.all([text(child.stdout), text(child.stderr)]);
  const outcomes = output
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as SeedOutcome);
  if (outcomes.length !== seeds.length)
    throw new Error(`${outcomes.length} of ${seeds.length} seeds were run: ${complaints.slice(-2000)}`);
  return new Map(outcomes.map((outcome) => [outcome.name, outcome]));
}
