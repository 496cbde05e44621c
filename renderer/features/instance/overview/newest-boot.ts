// SPDX-License-Identifier: MIT
import type { BootRecord } from '#contract/instances.ts';
import type { PhaseRecord } from '#contract/operations.ts';
import type { LivePhases } from '#contract/hosts-view.ts';

interface NewestBoot {
  readonly number: number;
  readonly startedAt?: string;
  readonly phases: readonly PhaseRecord[];
}

/** The boot to show: what events brought, unless the records know a later one. */
export function newestBoot(boots: readonly BootRecord[], live: LivePhases | undefined): NewestBoot | undefined {
  const recorded = boots.reduce<BootRecord | undefined>(
    (newest, boot) => (newest === undefined || boot.number > newest.number ? boot : newest),
    undefined,
  );
  if (live !== undefined && (recorded === undefined || live.boot >= recorded.number)) {
    return {
      number: Math.max(1, live.boot),
      phases: live.phases,
      ...(recorded?.number === live.boot ? { startedAt: recorded.startedAt } : {}),
    };
  }
  return recorded;
}
