// SPDX-License-Identifier: MIT
import { expect, test } from 'vitest';
import {
  baseName,
  isPlainName,
  joinPath,
  numberedName,
  parentOf,
  pathOfText,
  textOfPath,
} from '../../../client/transfer/byte-path.ts';

const b = (text: string): Buffer => Buffer.from(text);

test('paths come apart and together as the kernel reads them', () => {
  expect(
    ['/', '/a', '/a/b//', 'a', 'a/b', '.'].map((path) => [parentOf(b(path)).toString(), baseName(b(path)).toString()]),
  ).toEqual([
    ['/', ''],
    ['/', 'a'],
    ['/a', 'b'],
    ['.', 'a'],
    ['a', 'b'],
    ['.', '.'],
  ]);
  expect([joinPath(b('/'), b('x')), joinPath(b('/a'), b('x')), joinPath(b('a/'), b('x'))].map(String)).toEqual([
    '/x',
    '/a/x',
    'a/x',
  ]);
});

test('a name from elsewhere that would lead somewhere else is not plain', () => {
  expect(['', '.', '..', 'a/b', '/', 'a\0b'].filter((name) => isPlainName(b(name)))).toEqual([]);
  expect(['...', '-', '..a', 'ü', '\n'].every((name) => isPlainName(b(name)))).toBe(true);
});

test('a second of a name gets a number before its extension, and is never longer than a name may be', () => {
  expect(
    ['notes.txt', 'a.tar.gz', 'no-extension', '.bashrc', 'dot.'].map((name) => numberedName(b(name), 2).toString()),
  ).toEqual(['notes (2).txt', 'a.tar (2).gz', 'no-extension (2)', '.bashrc (2)', 'dot (2).']);
  const long = numberedName(b(`${'ü'.repeat(126)}.md`), 12);
  expect(long.length).toBeLessThanOrEqual(255);
  expect(long.toString()).toBe(`${'ü'.repeat(123)} (12).md`);
  expect(numberedName(b(`a.${'x'.repeat(253)}`), 2).length).toBe(255);
});

test('bytes that are no text are shown as what they are, and text that lost bytes is refused', () => {
  expect(textOfPath(Buffer.from([0x61, 0xff, 0x62]))).toBe('a\\xffb');
  expect(textOfPath(b('ü'))).toBe('ü');
  expect(() => pathOfText('a\u{FFFD}')).toThrow('no valid UTF-8');
  expect(() => pathOfText('a\0')).toThrow('NUL');
});
