// SPDX-License-Identifier: MIT
import { expect, it } from 'vitest';
import { LineTail } from '../../../native-helper/process/line-tail.ts';

it('keeps the last whole lines and a partial one', () => {
  const tail = new LineTail(2);
  tail.push('one\ntw');
  tail.push('o\r\n\nthree\nfo');
  expect(tail.lines()).toEqual(['three', 'fo']);
  tail.push('ur\n');
  expect(tail.lines()).toEqual(['three', 'four']);
});

it('bounds a line that never ends', () => {
  const tail = new LineTail(2);
  for (let i = 0; i < 100; i += 1) tail.push('x'.repeat(1000));
  expect(tail.lines().join('').length).toBeLessThanOrEqual(2000);
});
