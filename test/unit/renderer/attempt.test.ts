// SPDX-License-Identifier: MIT
import { beforeEach, expect, it } from 'vitest';
import { key } from './fixtures.ts';
import { RequestError } from '../../../renderer/api/client.ts';
import { attempt } from '../../../renderer/store/attempt.ts';
import { store } from '../../../renderer/store/index.ts';

const asked = { id: 'stop-web', line: 'berth stop web', instance: key('web') };
const refuse = async (): Promise<never> =>
  await Promise.reject(new RequestError({ code: 'instance.not-found', params: { name: 'web' }, causes: [] }));

beforeEach(() => store.setState(store.getInitialState(), true));

it('tells what was refused as one notice, however often it was asked for', async () => {
  expect(await attempt(asked, refuse)).toBe(false);
  expect(await attempt(asked, refuse)).toBe(false);
  expect(store.getState().notices).toMatchObject([
    { id: 'stop-web', tone: 'bad', title: 'Could not run: berth stop web', instance: key('web') },
  ]);
  expect(store.getState().notices[0]?.message).toContain('web');
});

it('tells what is no answer of the helper too', async () => {
  expect(await attempt(asked, async () => await Promise.reject(new Error('the page is at fault')))).toBe(false);
  expect(store.getState().notices[0]).toMatchObject({ tone: 'bad' });
});

it('is silent about what was done', async () => {
  expect(await attempt(asked, async () => await Promise.resolve({}))).toBe(true);
  expect(store.getState().notices).toEqual([]);
});
