// SPDX-License-Identifier: MIT
import { expect, it } from 'vitest';
import { Slots } from '../../../native-helper/core/slots.ts';

const forEver = new AbortController().signal;

it('lets so many run at a time, in the order in which they came, without those that left', async () => {
  const slots = new Slots(2);
  const ends = [0, 1, 2, 3, 4].map(() => Promise.withResolvers<void>());
  const begun: number[] = [];
  const leaving = new AbortController();
  const works = ends.map(
    async ({ promise }, each) =>
      await slots.hold(each === 2 ? leaving.signal : forEver, async () => {
        begun.push(each);
        await promise;
      }),
  );
  const left = expect(works[2]).rejects.toThrow('gone');
  await Promise.resolve();
  expect(begun).toEqual([0, 1]);
  leaving.abort(new Error('gone'));
  await left;
  ends[1]?.resolve();
  await works[1];
  expect(begun).toEqual([0, 1, 3]);
  for (const { resolve } of ends) resolve();
  await Promise.all([works[0], works[3], works[4]]);
  expect(begun).toEqual([0, 1, 3, 4]);
});

it('gives the place of a failed one to the next', async () => {
  const slots = new Slots(1);
  await expect(slots.hold(forEver, async () => await Promise.reject(new Error('failed')))).rejects.toThrow('failed');
  expect(await slots.hold(forEver, async () => await Promise.resolve('next'))).toBe('next');
});
