// SPDX-License-Identifier: MIT
import { describe, expect, it } from 'vitest';
import type { PhaseRecord } from '#contract/operations.ts';
import { layOutTimeline } from '../../../renderer/lib/timeline.ts';

const at = (ms: number): string => new Date(1_000_000 + ms).toISOString();

describe('layOutTimeline', () => {
  it('puts phases on one scale', () => {
    const phases: PhaseRecord[] = [
      { phase: 'image', state: 'skipped' },
      { phase: 'network', state: 'done', startedAt: at(0), endedAt: at(1000), evidence: 'tap0' },
      { phase: 'kernel', state: 'done', startedAt: at(1000), endedAt: at(4000) },
    ];
    const layout = layOutTimeline(phases, 0);
    expect(layout.totalMs).toBe(4000);
    expect(layout.bars[0]).toEqual({ phase: 'image', state: 'skipped' });
    expect(layout.bars[1]).toMatchObject({ start: 0, length: 0.25, durationMs: 1000, evidence: 'tap0' });
    expect(layout.bars[2]).toMatchObject({ start: 0.25, length: 0.75 });
    expect(layout.ticks).toEqual([0, 1000, 2000, 3000, 4000]);
  });

  it('lets the running phase grow with the clock, and no other', () => {
    const phases: PhaseRecord[] = [
      { phase: 'kernel', state: 'done', startedAt: at(0), endedAt: at(1000) },
      { phase: 'lease', state: 'running', startedAt: at(1000) },
    ];
    expect(layOutTimeline(phases, 1_000_000 + 5000).bars[1]?.durationMs).toBe(4000);
    const ended: PhaseRecord[] = [{ phase: 'kernel', state: 'failed', startedAt: at(0) }];
    expect(layOutTimeline(ended, 1_000_000 + 99_000).bars[0]?.durationMs).toBe(0);
  });

  it('survives a clock that is behind the evidence, and no phases at all', () => {
    const layout = layOutTimeline([{ phase: 'kernel', state: 'running', startedAt: at(500) }], 1_000_000);
    expect(layout.bars[0]?.durationMs).toBe(0);
    expect(layOutTimeline([], 5).bars).toEqual([]);
  });

  it('keeps the scale readable from tenths of a second to hours', () => {
    for (const totalMs of [150, 3000, 59_000, 600_000, 7_200_000]) {
      const { ticks } = layOutTimeline([{ phase: 'kernel', state: 'done', startedAt: at(0), endedAt: at(totalMs) }], 0);
      expect(ticks.length).toBeGreaterThanOrEqual(2);
      expect(ticks.length).toBeLessThanOrEqual(7);
    }
  });
});
