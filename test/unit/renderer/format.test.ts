// SPDX-License-Identifier: MIT
import { describe, expect, it } from 'vitest';
import { sentences, formatAgo, formatCoarseDuration, formatTick } from '../../../renderer/lib/format.ts';
import { newestBoot } from '../../../renderer/features/instance/overview/newest-boot.ts';

describe('formatCoarseDuration', () => {
  it('has no ticking seconds in its coarse form', () => {
    expect(formatCoarseDuration(59_999)).toBe('under a minute');
    expect(formatCoarseDuration(185_000)).toBe('3 min');
    expect(formatAgo('2026-01-01T00:00:00.000Z', Date.parse('2026-01-01T00:04:30.000Z'))).toBe('4 min ago');
  });
});

describe('formatTick', () => {
  it.each([
    [0, '0'],
    [500, '0.5 s'],
    [20_000, '20 s'],
    [60_000, '1 min'],
    [80_000, '1 min 20 s'],
    [3_600_000, '1 h'],
  ])('%d ms is %s', (ms, text) => {
    expect(formatTick(ms)).toBe(text);
  });
});

describe('sentences', () => {
  it('ends each phrase once and leaves out what is absent', () => {
    expect(sentences('Small and fast.', 'about 150 MB, 5 minutes', undefined, '')).toBe(
      'Small and fast. About 150 MB, 5 minutes.',
    );
  });
});

describe('newestBoot', () => {
  const record = (number: number) => ({
    number,
    startedAt: '2026-01-01T00:00:00.000Z',
    phases: [{ phase: 'kernel' as const, state: 'done' as const }],
  });
  const live = { boot: 2, phases: [{ phase: 'kernel' as const, state: 'running' as const }] };

  it('prefers what events brought, unless the records know a later boot', () => {
    expect(newestBoot([record(1)], live)).toMatchObject({ number: 2, phases: live.phases });
    expect(newestBoot([record(2), record(3)], live)).toMatchObject({ number: 3 });
    expect(newestBoot([record(1), record(2)], undefined)).toMatchObject({ number: 2 });
    expect(newestBoot([], undefined)).toBeUndefined();
  });
});
