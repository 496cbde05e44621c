// SPDX-License-Identifier: MIT
import { setTimeout as delay } from 'node:timers/promises';
import type { AppArmor } from '../../confinement/apparmor.ts';
import { processesIn } from '../../confinement/entered-profiles.ts';
import { isConversionProfile } from './convert.ts';

const lookAgainMs = 50;

/**
 * Takes away what a helper that was killed left of its conversions: the processes, then their profiles. The kernel
 * ends those without a profile by itself; a change of profile makes it forget that (security/apparmor/domain.c,
 * pdeath_signal). To be called before the first conversion begins.
 */
export async function endOrphans(appArmor: AppArmor, signal: AbortSignal): Promise<void> {
  const used = await appArmor.sweep(isConversionProfile, signal);
  if (used.length === 0) return;
  for (const pid of await processesIn(used)) endProcess(pid);
  // they are nobody's children, so no event tells of their end
  while ((await appArmor.sweep(isConversionProfile, signal)).length > 0)
    await delay(lookAgainMs, undefined, { signal });
}

function endProcess(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
