// SPDX-License-Identifier: MIT
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { compiledPrograms } from './compiled.ts';
import type { CheckResult } from './guest/check.ts';
import { labKernel } from './lab-kernel.ts';

/** `core`, `full`, or the name of one area. */
export type LabSet = string;

export interface LabReport {
  readonly checks: readonly CheckResult[];
  readonly bootSeconds: number;
  readonly totalSeconds: number;
}

/**
 * Boots Debian's kernel, which enforces AppArmor, under emulation: the host's root read-only over 9p with this
 * repository in it, the product's own code run there by `guest/main.ts`. No image, no installation, no network.
 * @throws Error that says why, with the end of the guest's console, when the lab cannot run or stops half way
 */
export async function bootLab(set: LabSet, limitMs: number): Promise<LabReport> {
  const startMs = performance.now();
  const { kernel, initrd } = await labKernel();
  const results = await mkdtemp(path.join(tmpdir(), 'berth-lab-'));
  try {
    const bootMs = performance.now();
    const console_ = await runGuest(await guestArguments({ kernel, initrd, results, set }), limitMs);
    const exitCode = await readFile(path.join(results, 'exit-code'), 'utf8').catch(() => undefined);
    const output = await readFile(path.join(results, 'output.txt'), 'utf8').catch(() => '');
    if (exitCode?.trim() !== '0')
      throw new Error(
        `the lab did not run to its end (exit code ${exitCode?.trim() ?? 'none'})\n${output.slice(-3000)}\n--- console\n${console_.slice(-3000)}`,
      );
    if (process.env.BERTH_LAB_VERBOSE !== undefined)
      process.stdout.write(`${output}\n${await readFile(path.join(results, 'dmesg.txt'), 'utf8')}`);
    const lines = (await readFile(path.join(results, 'checks.jsonl'), 'utf8')).trim().split('\n');
    return {
      checks: lines.map((line) => JSON.parse(line) as CheckResult),
      bootSeconds: (performance.now() - bootMs) / 1000,
      totalSeconds: (performance.now() - startMs) / 1000,
    };
  } finally {
    await rm(results, { recursive: true });
  }
}

async function guestArguments({
  kernel,
  initrd,
  results,
  set,
}: {
  readonly kernel: string;
  readonly initrd: string;
  readonly results: string;
  readonly set: LabSet;
}): Promise<string[]> {
  const script = await realpath(path.join(import.meta.dirname, 'guest/run.sh'));
  const commandLine = [
    'console=ttyS0 quiet panic=-1 mitigations=off no_timer_check random.trust_cpu=on',
    `lab.script=${script} lab.node=${await realpath(process.execPath)} lab.set=${set} lab.compiled=${await realpath(await compiledPrograms())}`,
  ].join(' ');
  return [
    '-machine',
    'q35,accel=tcg,smm=off',
    '-cpu',
    'max',
    '-smp',
    '2',
    '-m',
    '1536',
    '-nodefaults',
    '-no-user-config',
    '-display',
    'none',
    '-no-reboot',
    '-serial',
    'stdio',
    '-kernel',
    kernel,
    '-initrd',
    initrd,
    '-append',
    commandLine,
    '-fsdev',
    'local,id=root,path=/,security_model=none,readonly=on,multidevs=remap',
    '-device',
    'virtio-9p-pci,fsdev=root,mount_tag=hostroot',
    '-fsdev',
    `local,id=results,path=${results},security_model=none`,
    '-device',
    'virtio-9p-pci,fsdev=results,mount_tag=results',
    '-device',
    'virtio-rng-pci',
  ];
}

/** Resolves with what the guest printed, when it has powered itself off. */
async function runGuest(args: readonly string[], limitMs: number): Promise<string> {
  const guest = spawn('qemu-system-x86_64', args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let printed = '';
  for (const stream of [guest.stdout, guest.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      printed += text;
    });
  const limit = setTimeout(() => {
    printed += `\nlab: ended after ${limitMs / 1000} s`;
    guest.kill('SIGKILL');
  }, limitMs);
  await once(guest, 'exit');
  clearTimeout(limit);
  return printed;
}
