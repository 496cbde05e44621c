// SPDX-License-Identifier: MIT
import { expect, test } from 'vitest';
import { progressTo, waitGoals, type Progress, type WaitGoal } from '../../../cli/wait-goals.ts';
import { instanceState, type InstanceState } from '#contract/instances.ts';
import { operation } from '../renderer/fixtures.ts';

const table: Readonly<Record<WaitGoal, Partial<Record<InstanceState, Progress>>>> = {
  stopped: { stopped: 'reached', suspended: 'reached', deleted: 'reached' },
  ready: { running: 'look', deleted: 'never' },
  address: { deleted: 'never' },
};

test.each(waitGoals)('what is waited for with %s has come, can come or cannot, by the state', (goal) => {
  for (const state of instanceState.options)
    expect([state, progressTo(goal, { state })]).toEqual([state, table[goal][state] ?? 'waiting']);
});

test('what is under way is waited for, and an address is enough for who asked for one', () => {
  const recovery = operation('1', { kind: 'recover' });
  expect(progressTo('ready', { state: 'deleted', operation: recovery })).toBe('waiting');
  expect(progressTo('ready', { state: 'running', operation: operation('2', { kind: 'start' }) })).toBe('waiting');
  expect(progressTo('address', { state: 'starting', addresses: ['10.0.0.2'] })).toBe('reached');
});
