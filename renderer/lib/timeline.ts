// SPDX-License-Identifier: MIT
import type { PhaseRecord } from '#contract/operations.ts';

export interface TimelineBar {
  readonly phase: PhaseRecord['phase'];
  readonly state: PhaseRecord['state'];
  /** Position and width on the common scale, 0 to 1. Absent for a phase that never began. */
  readonly start?: number;
  readonly length?: number;
  readonly durationMs?: number;
  readonly evidence?: string;
}

export interface TimelineLayout {
  readonly bars: readonly TimelineBar[];
  readonly totalMs: number;
  /** Round instants of the scale, in milliseconds after the beginning. */
  readonly ticks: readonly number[];
}

/**
 * Places the phases of a boot on one time scale that reaches from the first phase's begin to the
 * last end, or to `now` while a phase runs. Phases that have no times keep their row without a bar.
 */
export function layOutTimeline(phases: readonly PhaseRecord[], now: number): TimelineLayout {
  const begins = phases.flatMap((record) => (record.startedAt ? [Date.parse(record.startedAt)] : []));
  const origin = begins.length > 0 ? Math.min(...begins) : now;
  const end = Math.max(origin + 1, ...phases.flatMap((record) => endOf(record, now) ?? []));
  const totalMs = end - origin;
  return { bars: phases.map((record) => barOf(record, origin, totalMs, now)), totalMs, ticks: ticksFor(totalMs) };
}

function barOf(record: PhaseRecord, origin: number, totalMs: number, now: number): TimelineBar {
  const base = {
    phase: record.phase,
    state: record.state,
    ...(record.evidence === undefined ? {} : { evidence: record.evidence }),
  };
  const end = endOf(record, now);
  if (record.startedAt === undefined || end === undefined) return base;
  const begin = Date.parse(record.startedAt);
  const durationMs = Math.max(0, end - begin);
  return { ...base, start: (begin - origin) / totalMs, length: durationMs / totalMs, durationMs };
}

function endOf(record: PhaseRecord, now: number): number | undefined {
  if (record.startedAt === undefined) return undefined;
  if (record.endedAt !== undefined) return Date.parse(record.endedAt);
  return record.state === 'running' ? Math.max(now, Date.parse(record.startedAt)) : Date.parse(record.startedAt);
}

/** Between two and six round steps. */
function ticksFor(totalMs: number): number[] {
  const steps = [
    100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 30_000, 60_000, 120_000, 300_000, 600_000, 1_800_000, 3_600_000,
  ];
  const step = steps.find((candidate) => totalMs / candidate <= 6) ?? 3_600_000;
  return Array.from({ length: Math.min(12, Math.floor(totalMs / step) + 1) }, (_, index) => index * step);
}
