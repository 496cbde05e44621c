// SPDX-License-Identifier: MIT
import { bootPhases, type BootPhase, type PhaseRecord } from '#contract/operations.ts';
import type { Instance } from '../instance/instance.ts';
import { isOfThisVersion, PhaseTimeline } from './phase-timeline.ts';
import type { InstanceServices } from '../instance/services.ts';

const saveDelayMs = 300;

interface TimelineOrigin {
  /** Phases that do not happen in this boot. */
  readonly skipped: readonly BootPhase[];
  /** What an earlier helper saw of it. */
  readonly known?: readonly PhaseRecord[] | undefined;
}

export const ofLaunch: TimelineOrigin = { skipped: [] };
/** A start finds its image, disk and seed where the launch put them. */
export const ofStart: TimelineOrigin = { skipped: ['image', 'disk', 'seed'] };

/** A timeline whose every change is announced at once and, a moment later, kept with the instance. */
export function bootTimeline(
  services: Pick<InstanceServices, 'registry' | 'log'>,
  instance: Instance,
  boot: number,
  origin: TimelineOrigin,
): PhaseTimeline {
  let timer: NodeJS.Timeout | undefined;
  const timeline = new PhaseTimeline(origin.skipped, origin.known);
  timeline.onChange(changed);
  return timeline;

  function changed(): void {
    services.registry.emit('phases', instance, boot, timeline.records);
    timer ??= setTimeout(save, saveDelayMs);
  }

  function save(): void {
    timer = undefined;
    services.registry
      .update(instance, (record) => ({
        boots: record.boots.map((entry) =>
          entry.number === boot ? { ...entry, phases: [...timeline.records] } : entry,
        ),
      }))
      .catch((error: unknown) => services.log.error({ error, instance: instance.name }, 'phases not kept'));
  }
}

/** True when every phase of these records has come to an end. */
export function isBootOver(records: readonly PhaseRecord[]): boolean {
  const own = records.filter(isOfThisVersion);
  return own.length === bootPhases.length && own.every(({ state }) => state !== 'waiting' && state !== 'running');
}
