// SPDX-License-Identifier: MIT
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { LaterValue } from '#contract/open-enum.ts';
import { bootPhases } from '#contract/operations.ts';
import { isBootOver } from '../../../native-helper/instances/boot/boot-timeline.ts';
import { PhaseTimeline } from '../../../native-helper/instances/boot/phase-timeline.ts';

const at = (second: number): Date => new Date(Date.UTC(2026, 0, 1, 0, 0, second));
const stateOf = (timeline: PhaseTimeline, phase: string): string | undefined =>
  timeline.records.find((record) => record.phase === phase)?.state;

test('the end of a phase closes the guest phases before it at the same moment', () => {
  const timeline = new PhaseTimeline();
  timeline.begin('firmware', at(1));
  timeline.end('lease', at(5), '10.0.0.2 leased', 'sshd');
  for (const phase of ['firmware', 'kernel', 'lease']) expect(stateOf(timeline, phase)).toBe('done');
  expect(timeline.records.find(({ phase }) => phase === 'firmware')).toMatchObject({
    startedAt: at(1).toISOString(),
    endedAt: at(5).toISOString(),
  });
  expect(timeline.current).toBe('sshd');
});

test('preparation phases are not closed by guest evidence', () => {
  const timeline = new PhaseTimeline(['image', 'disk', 'seed']);
  timeline.end('lease', at(5), 'x');
  expect(stateOf(timeline, 'network')).toBe('waiting');
  expect(stateOf(timeline, 'image')).toBe('skipped');
});

test('a second piece of evidence changes nothing', () => {
  const timeline = new PhaseTimeline();
  timeline.end('kernel', at(2), 'first');
  const before = timeline.records;
  timeline.end('kernel', at(9), 'second');
  timeline.fail('kernel', at(9), 'third');
  expect(timeline.records).toBe(before);
});

test('a phase of a later version stays where it is, and is waited for by nobody', () => {
  const later = { phase: 'thaw' as LaterValue, state: 'waiting' as const };
  const known = bootPhases.map((phase) => ({ phase, state: 'done' as const }));
  const timeline = new PhaseTimeline([], [...known.slice(0, 8), later, ...known.slice(8)]);
  expect(timeline.records.map(({ phase }) => phase)).toEqual([
    ...bootPhases.slice(0, 8),
    'thaw',
    ...bootPhases.slice(8),
  ]);
  expect([timeline.isDone('cloud-init'), timeline.current]).toEqual([true, undefined]);
  expect(isBootOver(timeline.records)).toBe(true);
});

test('what an earlier helper saw is kept', () => {
  const first = new PhaseTimeline();
  first.end('lease', at(5), 'before', 'sshd');
  const second = new PhaseTimeline([], first.records);
  expect(second.records).toEqual(first.records);
  second.end('firmware', at(60), 'read again');
  expect(second.records).toEqual(first.records);
});

test('listeners hear every change until they stop', () => {
  const timeline = new PhaseTimeline();
  let heard = 0;
  const stop = timeline.onChange(() => {
    heard += 1;
  });
  timeline.begin('image', at(0));
  stop();
  timeline.end('image', at(1), 'x');
  expect(heard).toBe(1);
});

test('whatever the order of evidence, no phase ends before it begins', () => {
  const evidence = fc.tuple(fc.constantFrom(...bootPhases), fc.constantFrom('begin', 'end', 'fail', 'skip'));
  fc.assert(
    fc.property(fc.array(evidence, { maxLength: 40 }), (steps) => {
      const timeline = new PhaseTimeline();
      steps.forEach(([phase, kind], second) => {
        if (kind === 'begin') timeline.begin(phase, at(second));
        else if (kind === 'end') timeline.end(phase, at(second), 'x');
        else if (kind === 'fail') timeline.fail(phase, at(second), 'x');
        else timeline.skip(phase, 'x');
      });
      for (const { state, startedAt, endedAt } of timeline.records) {
        if (state === 'done') expect(Date.parse(endedAt ?? '')).toBeGreaterThanOrEqual(Date.parse(startedAt ?? ''));
      }
    }),
  );
});
