// SPDX-License-Identifier: MIT
import { expect, test } from 'vitest';
import { plainLines } from '../../../native-helper/core/plain-lines.ts';
import { TimeMarks } from '../../../native-helper/console/time-marks.ts';

test('marks stay within their bound and in order over a year', () => {
  const marks = new TimeMarks();
  const year = 365 * 24 * 3600 * 1000;
  for (let atMs = 0, offset = 0; atMs < year; atMs += 600_000, offset += 10) marks.add(offset, atMs);
  expect(marks.all.length).toBeLessThanOrEqual(8_192);
  expect(marks.all.length).toBeGreaterThan(2_000);
  expect(marks.all.every((mark, index) => index === 0 || mark.offset > (marks.all[index - 1]?.offset ?? 0))).toBe(true);
  expect(marks.all[0]).toEqual({ offset: 0, atMs: 0 });
});

test('a burst has one mark', () => {
  const marks = new TimeMarks();
  for (let offset = 0; offset < 1000; offset += 1) marks.add(offset, 5);
  expect(marks.all).toEqual([{ offset: 0, atMs: 5 }]);
});

test('a tail is readable: no escapes, no carriage returns, no empty lines', () => {
  expect(plainLines('\u001b[0;32mok\u001b[0m\r\n\r\n\u001b]0;title\u0007done\u0008\r\n')).toEqual(['ok', 'done']);
});
