// SPDX-License-Identifier: MIT
import { expect, test } from 'vitest';
import { quoteCommand } from '../../../native-helper/guest/shell-quote.ts';

test.each([
  [['ls', '-l', '/tmp'], 'ls -l /tmp'],
  [['echo', 'two words'], "echo 'two words'"],
  [['echo', "it's"], "echo 'it'\\''s'"],
  [['echo', ''], "echo ''"],
  [['echo', '$HOME', '`id`', 'a;b', '*', 'x\ny'], "echo '$HOME' '`id`' 'a;b' '*' 'x\ny'"],
])('%j', (words, line) => {
  expect(quoteCommand(words)).toBe(line);
});

test('a working directory is entered first', () => {
  expect(quoteCommand(['pwd'], '-odd dir')).toBe("cd -- '-odd dir' && pwd");
});
