// SPDX-License-Identifier: MIT
import { realpath } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { architecture } from '#contract/images.ts';
import { sentence } from '#messages/say.ts';
import { HelperError } from '../../core/errors.ts';
import type { Reason } from '../../core/said-error.ts';
import type { ProcessRef } from '../../core/seams/processes.ts';
import { executableOf, isAlive } from '../../process/proc-fs.ts';
import { locateProgram } from '../../process/programs.ts';
import { qemuProgram } from '../machine-types.ts';

/** From the launcher being let go to QEMU: where a helper died in between. */
const launchPatienceMs = 2000;
const launchGapMs = 50;
/** One that the kernel holds, in a write to a dead disk say, ends when that does. */
const endLimitMs = 10_000;
const endGapMs = 20;

/** Whether a process is that program, or, where a helper died as it let the launcher go, will be in a moment. */
export async function becomes(ref: ProcessRef, ...programs: readonly string[]): Promise<boolean> {
  for (const until = performance.now() + launchPatienceMs; ; await delay(launchGapMs)) {
    const executable = await executableOf(ref.pid);
    if (!(await isAlive(ref))) return false;
    if (executable !== undefined && programs.includes(executable)) return true;
    if (performance.now() > until) return false;
  }
}

/**
 * Ends a QEMU that nobody controls, at once, and resolves when it is gone; one that is gone already is no fault.
 * @throws HelperError hypervisor.still-runs where that process is something else, or does not end
 */
export async function endLeftProcess(ref: ProcessRef): Promise<void> {
  if (!(await isAlive(ref))) return;
  if (!(await becomes(ref, ...(await qemuPrograms())))) {
    if (!(await isAlive(ref))) return;
    throw stillRuns(
      ref,
      sentence('hypervisor.other-program', {
        program: (await executableOf(ref.pid)) ?? sentence('hypervisor.no-file'),
      }),
    );
  }
  try {
    process.kill(ref.pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
  for (const until = performance.now() + endLimitMs; await isAlive(ref); await delay(endGapMs))
    if (performance.now() > until)
      throw stillRuns(ref, sentence('hypervisor.not-ended-in-time', { seconds: endLimitMs / 1000 }));
}

export function stillRuns({ pid }: ProcessRef, reason: Reason): HelperError {
  return new HelperError('hypervisor.still-runs', { pid, reason });
}

/** Of every architecture: which one the machine has is in a record that may tell nothing. */
async function qemuPrograms(): Promise<readonly string[]> {
  const found = architecture.options.map(
    async (each) =>
      await locateProgram(qemuProgram(each)).then(
        async (program) => await realpath(program),
        () => undefined, // not installed
      ),
  );
  return (await Promise.all(found)).filter((program) => program !== undefined);
}
