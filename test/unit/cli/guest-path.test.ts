// SPDX-License-Identifier: MIT
import { expect, test } from 'vitest';
import { guestPathOf, splitGuestPath } from '../../../cli/guest-path.ts';
import { idPairValue } from '../../../cli/option-values.ts';

test('a name and a colon mean an instance; all else is a path on this computer', () => {
  expect(guestPathOf('web:/srv/a:b')).toEqual({ name: 'web', path: '/srv/a:b' });
  expect(guestPathOf('web:')).toEqual({ name: 'web', path: '.' });
  for (const [word, path] of [['web:~', '.'], ['web:~/', '.'], ['web:~/x', 'x'], ['web:~//x y', 'x y'], ['web:a~', 'a~'], ['web:./~x', './~x']]) expect(guestPathOf(word ?? '')).toEqual({ name: 'web', path });
  expect(() => guestPathOf('web:~mia/x')).toThrow(/homes of other users/);
  for (const local of ['web', './web:x', '/tmp/a:b', '-', 'Web:x', '']) expect(guestPathOf(local)).toBeUndefined();
});

test('a mount names an instance, with or without a target', () => {
  expect(splitGuestPath('web')).toEqual({ name: 'web', path: undefined });
  expect(splitGuestPath('web:work dir')).toEqual({ name: 'web', path: 'work dir' });
  for (const wrong of ['', '/x', 'a b', 'UPPER:x']) expect(() => splitGuestPath(wrong)).toThrow(/NAME/);
});

test('pairs of numbers are collected', () => {
  expect(idPairValue('1000:1001', idPairValue('0:5', undefined))).toEqual([{ host: 0, guest: 5 }, { host: 1000, guest: 1001 }]);
  for (const wrong of ['1000', 'a:b', '1:2:3', '-1:2', ':']) expect(() => idPairValue(wrong, undefined)).toThrow();
});
