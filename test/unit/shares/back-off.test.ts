// SPDX-License-Identifier: MIT
import { expect, it } from 'vitest';
import { HelperError } from '../../../native-helper/core/errors.ts';
import { BackOff } from '../../../native-helper/shares/back-off.ts';

const ended = new HelperError('mount.server-ended', { reason: 'it ended' });
const denied = new HelperError('mount.source-denied', { uid: 1000, path: '/x', reason: 'No such file' });
const changed = new HelperError('mount.source-changed', { path: '/x' });
const waits = (backOff: BackOff, reason: HelperError, count: number): number[] =>
  Array.from({ length: count }, () => backOff.after(reason) / 1000);

it('waits longer each time, half a minute at most', () => {
  expect(waits(new BackOff(), ended, 7)).toEqual([1, 2, 4, 8, 16, 30, 30]);
});

it.each([denied, changed])('waits for a folder that is gone or refused some minutes: %s', (reason) => {
  expect(waits(new BackOff(), reason, 10)).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 240, 240]);
});

it('does not wait minutes for what is not about the folder, and begins anew when told', () => {
  const backOff = new BackOff();
  waits(backOff, denied, 10);
  expect(waits(backOff, ended, 2)).toEqual([30, 30]);
  backOff.reset();
  expect(waits(backOff, denied, 2)).toEqual([1, 2]);
});
