// SPDX-License-Identifier: MIT
import { expect, test } from 'vitest';
import { formatDuration } from '#contract/duration.ts';

test.each([
  [0, '0.0 s'],
  [40, '0.0 s'],
  [4210, '4.2 s'],
  [4249, '4.2 s'],
  [59_940, '59.9 s'],
  [59_960, '1 min'],
  [65_000, '1 min 5 s'],
  [120_000, '2 min'],
  [3_599_000, '59 min 59 s'],
  [7_380_000, '2 h 3 min'],
  [7_440_000, '2 h 4 min'],
  [266_400_000, '3 d 2 h'],
  [-5, '0.0 s'],
  [Number.NaN, '0.0 s'],
])('%d ms is %s', (milliseconds, text) => {
  expect(formatDuration(milliseconds)).toBe(text);
});
