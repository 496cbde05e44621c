// SPDX-License-Identifier: MIT
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { ImageLists } from '#contract/events.ts';
import { ImageWatch } from '../../../electron/link/image-watch.ts';

let asked: PromiseWithResolvers<ImageLists>[];
let shown: ImageLists[];
let isConnected: boolean;
let watch: ImageWatch;

beforeEach(() => {
  vi.useFakeTimers();
  [asked, shown, isConnected] = [[], [], true];
  watch = new ImageWatch({
    isConnected: () => isConnected,
    list: async () => {
      const answer = Promise.withResolvers<ImageLists>();
      asked.push(answer);
      return await answer.promise;
    },
    onImages: (images) => shown.push(images),
    log: () => {},
  });
});
afterEach(() => vi.useRealTimers());

const lists = (): ImageLists => ({ catalogue: [], vault: [], remotes: [] });

async function settle(): Promise<void> {
  await vi.advanceTimersByTimeAsync(0);
}

it('lists once more after the list under way, however often the images changed meanwhile', async () => {
  const [first, second] = [lists(), lists()];
  for (let i = 0; i < 100; i += 1) watch.outdated();
  expect(asked).toHaveLength(1);
  asked[0]?.resolve(first);
  await settle();
  expect(asked).toHaveLength(2);
  asked[1]?.resolve(second);
  await settle();
  expect(asked).toHaveLength(2);
  expect(shown).toEqual([first, second]);
});

it('makes up for a list that was lost with its connection, as soon as there is another', async () => {
  watch.outdated();
  isConnected = false;
  asked[0]?.reject(new Error('lost'));
  await vi.advanceTimersByTimeAsync(60_000);
  expect(asked).toHaveLength(1);
  isConnected = true;
  watch.connected();
  asked[1]?.resolve(lists());
  await settle();
  expect(shown).toHaveLength(1);
  watch.connected();
  expect(asked).toHaveLength(2);
});

it('tries again after a while what fails on a connection that stands', async () => {
  watch.outdated();
  asked[0]?.reject(new Error('busy'));
  await settle();
  expect(asked).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(10_000);
  asked[1]?.resolve(lists());
  await settle();
  expect(shown).toHaveLength(1);
});
