// SPDX-License-Identifier: MIT
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { instanceState } from '#contract/instances.ts';
import { operationKind } from '#contract/operations.ts';
import { instanceVerbs, isLegal } from '#contract/verbs.ts';
import { deriveState, requireLegal, type StateFacts } from '../../../native-helper/instances/instance/state.ts';

const facts = fc.record<StateFacts>({
  isBroken: fc.boolean(),
  isDeleted: fc.boolean(),
  process: fc.constantFrom('alive', 'absent', 'unknown'),
  isPaused: fc.boolean(),
  isSuspended: fc.boolean(),
  operation: fc.option(fc.constantFrom(...operationKind.options), { nil: undefined }),
});
const idle: StateFacts = {
  isBroken: false,
  isDeleted: false,
  process: 'absent',
  isPaused: false,
  isSuspended: false,
  operation: undefined,
};

describe('deriveState', () => {
  test('always gives a state of the contract', () => {
    fc.assert(fc.property(facts, (some) => instanceState.safeParse(deriveState(some)).success));
  });

  test('a failing observation is unknown, never stopped', () => {
    fc.assert(
      fc.property(facts, (some) => {
        fc.pre(!some.isBroken && some.operation === undefined);
        expect(deriveState({ ...some, process: 'unknown' })).toBe('unknown');
      }),
    );
  });

  test('a broken record is broken whatever else is seen', () => {
    fc.assert(fc.property(facts, (some) => deriveState({ ...some, isBroken: true }) === 'broken'));
  });

  test('a launch is creating until its machine runs, then starting', () => {
    expect(deriveState({ ...idle, operation: 'launch' })).toBe('creating');
    expect(deriveState({ ...idle, operation: 'launch', process: 'alive' })).toBe('starting');
  });

  test('without an operation the process decides', () => {
    expect(deriveState(idle)).toBe('stopped');
    expect(deriveState({ ...idle, process: 'alive' })).toBe('running');
    expect(deriveState({ ...idle, process: 'alive', isPaused: true })).toBe('paused');
    expect(deriveState({ ...idle, isPaused: true })).toBe('stopped');
    expect(deriveState({ ...idle, isDeleted: true })).toBe('deleted');
    expect(deriveState({ ...idle, isSuspended: true })).toBe('suspended');
    expect(deriveState({ ...idle, isSuspended: true, isDeleted: true })).toBe('deleted');
  });
});

describe('commands', () => {
  test('from every state but broken there is a way on', () => {
    for (const state of instanceState.options) {
      expect(
        instanceVerbs.some((verb) => isLegal(verb, state)),
        state,
      ).toBe(state !== 'broken');
    }
  });

  test('only what is in the bin can be purged', () => {
    for (const state of instanceState.options) expect(isLegal('purge', state)).toBe(state === 'deleted');
  });

  test('an illegal one names instance, state and command', () => {
    expect(() => requireLegal('start', 'otter', 'running')).toThrow(
      expect.objectContaining({
        code: 'instance.wrong-state',
        params: { name: 'otter', state: 'running', command: 'be started' },
      }),
    );
  });
});
