// SPDX-License-Identifier: MIT
import { expect, test } from 'vitest';
import { changesIn, parseReport } from '../../../native-helper/shares/share-watcher.ts';
import { hasEchoed, isIgnored, limits } from '../../../native-helper/shares/watch/changes.ts';

test('paths of a batch are put together by their mode, bytes as they are', () => {
  const odd = Buffer.from([0x2e, 0x2f, 0xff, 0x0a, 0x20]);
  const batch = Buffer.concat([Buffer.from('644 ./a\x00755 ./b\x00644 '), odd, Buffer.from('\0')]);
  expect(changesIn(batch)).toEqual([
    { mode: '644', count: 2, paths: Buffer.concat([Buffer.from('./a\0'), odd, Buffer.from('\0')]) },
    { mode: '755', count: 1, paths: Buffer.from('./b\0') },
  ]);
});

test('what is no entry is passed over', () => {
  expect(changesIn(Buffer.from('./a\0x y\0 z\x0099999 b\0-R c\0'))).toEqual([]);
});

test.each([
  'null',
  '[]',
  '7',
  '"x"',
  '{"leftOut":-1}',
  '{"leftOut":1e300}',
  '{"leftOut":"many"}',
  '{"reason":{}}',
  '(node:1) Warning',
  '',
])('what the watching process says in no form is nothing: %s', (line) => {
  expect(parseReport(line)).toEqual({});
});

test('a state is told once, another one anew, and memory is bounded', () => {
  const told = new Map<string, string>();
  expect([
    hasEchoed(told, 'a', '1'),
    hasEchoed(told, 'a', '1'),
    hasEchoed(told, 'a', '2'),
    hasEchoed(told, 'a', '1'),
  ]).toEqual([false, true, false, false]);
  for (let number = 0; number <= limits.remembered; number += 1) hasEchoed(told, String(number), 'x');
  expect(told.size).toBe(limits.remembered);
});

test.each([
  ['node_modules', true],
  ['.git', true],
  ['a.swp', true],
  ['a~', true],
  ['src', false],
  ['git', false],
  ['a.ts', false],
])('%s is ignored: %s', (name, expected) => {
  expect(isIgnored(name)).toBe(expected);
});
