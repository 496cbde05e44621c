// SPDX-License-Identifier: MIT
import { expect, test } from 'vitest';
import { Turns } from '../../../native-helper/rpc/turns.ts';

test('who asks for little waits a round, however much another has asked for', async () => {
  const turns = new Turns();
  const done: string[] = [];
  for (let i = 0; i < 1000; i += 1) turns.take(1, () => done.push('many'));
  await new Promise<void>((resolve) =>
    turns.take(2, () => {
      done.push('few');
      resolve();
    }),
  );
  expect(done).toEqual(['many', 'few']);
});

test('the pieces of a user are done in their order, with other work of the loop between', async () => {
  const turns = new Turns();
  const done: (number | string)[] = [];
  await new Promise<void>((resolve) => {
    for (let i = 0; i < 3; i += 1) turns.take(1, () => done.push(i));
    setImmediate(() => done.push('loop'));
    turns.take(1, resolve);
  });
  expect(done).toEqual([0, 'loop', 1, 2]);
});

test('a piece asked for in a turn waits for the next round', async () => {
  const turns = new Turns();
  const done: string[] = [];
  await new Promise<void>((resolve) => {
    turns.take(1, () => {
      done.push('a');
      turns.take(1, () => {
        done.push('c');
        resolve();
      });
    });
    turns.take(2, () => done.push('b'));
  });
  expect(done).toEqual(['a', 'b', 'c']);
});
