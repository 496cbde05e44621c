// SPDX-License-Identifier: MIT
import { expect, test } from 'vitest';
import { guestPathOf, splitGuestPath } from '../../../cli/guest-path.ts';
import { idPairValue } from '../../../cli/option-values.ts';

test('a name and a colon mean an instance; all else is a path on this computer', () => {
  expect(guestPathOf('web:/srv/a:b')).toEqual({ name: 'web', path: '/srv/a:b' });
  expect(guestPathOf('web:')).toEqual({ name: 'web', path: '.' });
  for (const [word, path] of [
    ['web:~', '.'],
    ['web:~/', '.'],
    ['web:~/x', 'x'],
    ['web:~//x y', 'x y'],
    ['web:a~', 'a~'],
    ['web:./~x', './~x'],
  ])
    expect(guestPathOf(word ?? '')).toEqual({ name: 'web', path });
  expect(() => guestPathOf('web:~mia/x')).toThrow(/homes of other users/);
  for (const local of ['web', './web:x', '/tmp/a:b', '-', 'Web:x', '']) expect(guestPathOf(local)).toBeUndefined();
});

test('a mount names an instance, with or without a target', () => {
  expect(splitGuestPath('web')).toEqual({ name: 'web', path: undefined });
  expect(splitGuestPath('web:work dir')).toEqual({ name: 'web', path: 'work dir' });
  for (const wrong of ['', '/x', 'a b', 'UPPER:x']) expect(() => splitGuestPath(wrong)).toThrow(/NAME/);
});

test.each([
  ['vm:', 'vm', '.', 'the home'],
  ['vm:/', 'vm', '/', 'the root'],
  ['vm:.', 'vm', '.', 'the home'],
  ['vm:..', 'vm', '..', 'above it'],
  ['vm:a', 'vm', 'a', 'below the home'],
  ['vm:/a/b/', 'vm', '/a/b/', 'a folder, as cp writes it'],
  ['vm:a:b', 'vm', 'a:b', 'the first colon counts'],
  ['vm::x', 'vm', ':x', 'so here'],
  ['vm: x', 'vm', ' x', 'a blank is part of a name'],
  ['vm:-x', 'vm', '-x', 'a hyphen too'],
  ['vm:*', 'vm', '*', 'no shell reads it'],
  ['vm:$HOME', 'vm', '$HOME', 'nor this'],
  ['vm:a\\b', 'vm', 'a\\b', 'nor this'],
  ['c:\\x', 'c', '\\x', 'no letters of drives here'],
  [`${'a'.repeat(40)}:x`, 'a'.repeat(40), 'x', 'the longest name'],
  ['vm:größe', 'vm', 'größe', 'any letters'],
])('%j is of %s: %j (%s)', (word, name, path) => {
  expect(guestPathOf(word)).toEqual({ name, path });
  expect(splitGuestPath(word)).toEqual({ name, path });
});

test.each([
  [':x', 'no name'],
  ['::', 'no name'],
  ['C:\\x', 'a capital'],
  ['1vm:x', 'begins with a digit'],
  ['-vm:x', 'begins with a hyphen'],
  ['vm-:x', 'ends with one'],
  ['a.b:x', 'two labels'],
  ['a_b:x', 'an underscore'],
  ['mia@vm:x', 'a user before it'],
  ['./vm:x', 'a path'],
  ['../vm:x', 'a path'],
  ['/vm:x', 'a path'],
  ['a/vm:x', 'a path'],
  [' vm:x', 'a blank'],
  ['vm :x', 'a blank'],
  [`${'a'.repeat(41)}:x`, 'too long'],
  ['größe:x', 'an umlaut'],
  ['https://vm/x', undefined],
])('%j is a path of this computer: %s', (word, why) => {
  if (why === undefined) expect(guestPathOf(word)).toEqual({ name: 'https', path: '//vm/x' }); // as scp(1) reads it
  else expect(guestPathOf(word)).toBeUndefined();
});

test('pairs of numbers are collected', () => {
  expect(idPairValue('1000:1001', idPairValue('0:5', undefined))).toEqual([
    { host: 0, guest: 5 },
    { host: 1000, guest: 1001 },
  ]);
  expect(idPairValue('4294967294:0', undefined)).toEqual([{ host: 4_294_967_294, guest: 0 }]);
  const wrongs = [
    '1000',
    'a:b',
    '1:2:3',
    '-1:2',
    ':',
    '',
    '1:',
    ':1',
    '1 :2',
    '+1:2',
    '1.0:2',
    '0x1:2',
    '1e3:2',
    'mia:berth',
    '4294967295:0',
    '0:4294967295',
    '9999999999:0',
  ];
  for (const wrong of wrongs) expect(() => idPairValue(wrong, undefined)).toThrow();
});
