// SPDX-License-Identifier: MIT
import { expect, test } from 'vitest';
import { RateMeter } from '#contract/rate-meter.ts';

test('the rate is the mean of the last seconds, and the time left follows from it', () => {
  const meter = new RateMeter();
  expect(meter.note(0, 10_000, 0)).toEqual({});
  expect(meter.note(1000, 10_000, 1000)).toEqual({ bytesPerSecond: 1000, secondsLeft: 9 });
  for (let second = 2; second <= 12; second += 1) meter.note(1000, 10_000, second * 1000);
  expect(meter.note(1000, 10_000, 13_000)).toEqual({ bytesPerSecond: 0 });
  expect(meter.note(10_000, 10_000, 14_000)).toEqual({ bytesPerSecond: 1500 });
});
