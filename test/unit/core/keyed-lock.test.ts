// SPDX-License-Identifier: MIT
import { expect, test } from 'vitest';
import { KeyedLock } from '../../../native-helper/core/keyed-lock.ts';

test('who goes away before his turn neither runs nor lets others in before theirs', async () => {
  const lock = new KeyedLock<string>();
  const gate = Promise.withResolvers<void>();
  const ran: string[] = [];
  const first = lock.hold('a', async () => {
    await gate.promise;
    ran.push('first');
  });
  const going = new AbortController();
  const second = lock.hold(
    'a',
    async () => {
      ran.push('second');
    },
    going.signal,
  );
  going.abort();
  await expect(second).rejects.toThrow('aborted');
  const third = lock.hold('a', async () => {
    ran.push('third');
  });
  expect([lock.isHeld('a'), ran]).toEqual([true, []]);
  gate.resolve();
  await Promise.all([first, third]);
  expect(ran).toEqual(['first', 'third']);
  await expect.poll(() => lock.isHeld('a')).toBe(false);
});
