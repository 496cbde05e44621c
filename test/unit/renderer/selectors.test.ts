// SPDX-License-Identifier: MIT
import { describe, expect, it } from 'vitest';
import { keyOf } from '#contract/host-keys.ts';
import { actionsOf } from '../../../renderer/lib/instance-actions.ts';
import { selectDeleted, selectTags, selectVisible, visibleInstances } from '../../../renderer/store/selectors.ts';
import { instance, told } from './fixtures.ts';

const byName = { column: 'name', direction: 'ascending' } as const;
const all = [
  instance('node-10', { image: 'tiny', addresses: ['10.1.1.10'] }),
  instance('node-9', { image: 'debian-12', addresses: ['10.1.1.9'], state: 'stopped' }),
  instance('old', { state: 'deleted', deletedAt: '2026-01-01T00:00:00.000Z' }),
].map(told);
const names = (found: readonly { readonly name: string }[]): readonly string[] => found.map((each) => each.name);

describe('visibleInstances', () => {
  it('leaves the bin out and sorts numbers as numbers', () => {
    expect(names(visibleInstances(all, '', byName))).toEqual(['node-9', 'node-10']);
    expect(names(visibleInstances(all, '', { column: 'address', direction: 'descending' }))).toEqual([
      'node-10',
      'node-9',
    ]);
  });

  it('finds by every word in name, state, image or address', () => {
    expect(names(visibleInstances(all, 'NODE tiny', byName))).toEqual(['node-10']);
    expect(names(visibleInstances(all, '1.1.9', byName))).toEqual(['node-9']);
    expect(names(visibleInstances(all, 'stopped', byName))).toEqual(['node-9']);
    expect(names(visibleInstances(all, 'nothing', byName))).toEqual([]);
  });
});

describe('memoised selectors', () => {
  it('give the same array until an input changes', () => {
    const instances = Object.fromEntries(all.map((each) => [keyOf(each), each]));
    const state = { instances, search: '', sort: byName, tags: new Set<string>() };
    expect(selectVisible({ ...state })).toBe(selectVisible(state));
    expect(selectVisible({ ...state, search: 'tiny' })).not.toBe(selectVisible(state));
    expect(names(selectDeleted(state))).toEqual(['old']);
  });

  it('narrow the table to those with all chosen tags; a tag that nobody has any more narrows nothing', () => {
    const instances = Object.fromEntries(
      [
        instance('a', { tags: ['web', 'x10'] }),
        instance('b', { tags: ['web', 'x9'] }),
        instance('c', { tags: ['gone'], state: 'deleted' }),
      ]
        .map(told)
        .map((each) => [keyOf(each), each]),
    );
    const visible = (...tags: string[]) =>
      names(selectVisible({ instances, search: '', sort: byName, tags: new Set(tags) }));
    expect(selectTags({ instances })).toEqual(['web', 'x9', 'x10']);
    expect([visible(), visible('web'), visible('web', 'x9'), visible('x9', 'x10'), visible('gone')]).toEqual([
      ['a', 'b'],
      ['a', 'b'],
      ['b'],
      [],
      ['a', 'b'],
    ]);
    expect(names(selectVisible({ instances, search: 'x10', sort: byName, tags: new Set() }))).toEqual(['a']);
  });
});

describe('actionsOf', () => {
  it('offers what the state allows, and nothing on an instance of another user', () => {
    expect([...actionsOf(instance('a'))]).toEqual(['stop', 'force-stop', 'restart', 'pause', 'suspend', 'delete']);
    expect([...actionsOf(instance('a', { state: 'stopped' }))]).toEqual(['start', 'delete']);
    expect([...actionsOf(instance('a', { state: 'paused' }))]).toEqual([
      'stop',
      'force-stop',
      'restart',
      'resume',
      'suspend',
      'delete',
    ]);
    expect([...actionsOf(instance('a', { state: 'suspended' }))]).toEqual([
      'start',
      'force-start',
      'force-stop',
      'delete',
    ]);
    expect([...actionsOf(instance('a', { state: 'deleted' }))]).toEqual(['recover', 'purge']);
    expect(actionsOf(instance('a', { isOwn: false })).size).toBe(0);
  });
});
