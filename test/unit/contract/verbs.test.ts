// SPDX-License-Identifier: MIT
import { describe, expect, test } from 'vitest';
import { instanceState } from '#contract/instances.ts';
import { methods } from '#contract/methods.ts';
import { laterValue } from '#contract/open-enum.ts';
import { operationWords } from '#contract/operation-words.ts';
import { operationKind } from '#contract/operations.ts';
import { instanceVerbs, isLegal, isOffered, verbs } from '#contract/verbs.ts';

describe('the table of verbs', () => {
  test('each verb is a method and a kind of operation', () => {
    for (const verb of instanceVerbs) {
      expect(Object.keys(methods)).toContain(`instances.${verb}`);
      expect(operationKind.options).toContain(verb);
    }
  });

  test('what is reached already is no state that the verb starts from, and what undoes a verb starts from there', () => {
    for (const verb of instanceVerbs) {
      const { reached, undoneBy, from } = verbs[verb];
      if (reached !== undefined) expect(from).not.toContain(reached);
      if (undoneBy !== undefined) expect(isLegal(undoneBy, reached!)).toBe(true);
    }
  });

  test('during an operation of its own that it may take the place of, a verb is legal', () => {
    for (const verb of instanceVerbs)
      for (const kind of verbs[verb].supersedes)
        if (kind !== 'launch')
          expect(verbs[verb].from, `${verb} during ${kind}`).toContain(verbs[kind as 'stop'].during.alive);
  });
});

describe('what is offered', () => {
  const own = { isOwn: true } as const;
  const operation = (kind: 'start' | 'stop' | 'launch') => ({ id: 'op-aaaaaaaaaaaaaaaa' as never, kind });

  test('is nothing on an instance of another user, and nothing in a state that a later helper brought', () => {
    for (const verb of instanceVerbs) {
      for (const state of instanceState.options) expect(isOffered(verb, { isOwn: false, state })).toBe(false);
      expect(isOffered(verb, { ...own, state: laterValue.parse('hibernating') })).toBe(false);
    }
  });

  test('is nothing but to remove it for good where the record cannot be read', () => {
    const broken = { ...own, state: 'broken' } as const;
    expect(instanceVerbs.filter((verb) => isOffered(verb, broken))).toEqual(['purge']);
  });

  test('is one verb for what is paused, and nothing that loses memory but by force', () => {
    const offered = (state: 'paused' | 'suspended' | 'stopped', isForced: boolean) =>
      instanceVerbs.filter(
        (verb) => (!isForced || verbs[verb].forced !== undefined) && isOffered(verb, { ...own, state }, isForced),
      );
    expect(offered('paused', false)).toEqual(['stop', 'restart', 'resume', 'suspend', 'delete']);
    expect(offered('suspended', false)).toEqual(['start', 'delete']);
    expect(offered('suspended', true)).toEqual(['start', 'stop']);
    expect(offered('stopped', true)).toEqual([]);
    expect(isLegal('start', 'paused')).toBe(true);
  });

  test('is what ends the operation under way; the same again only by force', () => {
    const starting = { ...own, state: 'starting', operation: operation('start') } as const;
    expect(instanceVerbs.filter((verb) => isOffered(verb, starting))).toEqual(['stop', 'restart', 'delete']);
    const stopping = { ...own, state: 'stopping', operation: operation('stop') } as const;
    expect(instanceVerbs.filter((verb) => isOffered(verb, stopping))).toEqual(['delete']);
    expect(isOffered('stop', stopping, true)).toBe(true);
    const creating = { ...own, state: 'creating', operation: operation('launch') } as const;
    expect(instanceVerbs.filter((verb) => isOffered(verb, creating))).toEqual(['delete']);
  });
});

test('an operation that a later helper brought is called by its kind', () => {
  expect(operationWords(laterValue.parse('take-snapshot'))).toMatchObject({
    label: 'Take snapshot',
    doing: 'take snapshot',
  });
  for (const kind of operationKind.options) expect(operationWords(kind).label).toMatch(/^[A-Z]/);
});
