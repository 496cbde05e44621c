// SPDX-License-Identifier: MIT
import { UnicodeGraphemesAddon } from '@xterm/addon-unicode-graphemes';
import { Terminal } from '@xterm/headless';
import { describe, expect, it, test } from 'vitest';
import { escapeForTerminal } from '../../../cli/render/escape.ts';
import { displayWidth, fitWidth } from '../../../cli/render/width.ts';

describe.each([
  ['Latin letters', 'web', 3],
  ['Chinese and Japanese', '日本語', 6],
  ['Korean syllables', '한국', 4],
  ['a Korean syllable of three letters', '\u1112\u1161\u11ab', 2],
  ['full and half width forms', 'Ａｱ', 3],
  ['an emoji', '😀', 2],
  ['an emoji of several people', '👨‍👩‍👧‍👦', 2],
  ['an emoji with the colour of its skin', '👍🏽', 2],
  ['a flag', '🇨🇭', 2],
  ['a sign that is shown as an emoji', '❤️1️⃣', 4],
  ['letters with marks of their own', 'e\u0301a\u0323\u0301', 2],
  ['Devanagari and Thai', 'नमस्तेดี', 5],
  ['what is wide in East Asian fonts only', '§±α─', 4],
  ['controls, a tab and marks without width, which are escaped', 'a\tb\u0007\u200b\u202e', 20],
])('%s', (_, text, columns) => {
  const escaped = escapeForTerminal(text);

  it('takes the columns that it is counted with', () => {
    expect(displayWidth(escaped)).toBe(columns);
  });

  it("takes as many in the window's terminal", async () => {
    const terminal = new Terminal({ allowProposedApi: true, cols: 80, rows: 2 });
    terminal.loadAddon(new UnicodeGraphemesAddon());
    await new Promise<void>((resolve) => {
      terminal.write(escaped, resolve);
    });
    expect(terminal.buffer.active.cursorX).toBe(columns);
    terminal.dispose();
  });
});

test('what is cut is cut between characters and fits', () => {
  expect(fitWidth('日本語', 6)).toBe('日本語');
  expect(fitWidth('日本語', 5)).toBe('日本…');
  expect(fitWidth('日本語', 4)).toBe('日…');
  expect(fitWidth('ab👨‍👩‍👧‍👦cd', 5)).toBe('ab👨‍👩‍👧‍👦…');
  expect(fitWidth('ab👨‍👩‍👧‍👦cd', 4)).toBe('ab…');
  expect(fitWidth('e\u0301e\u0301e\u0301', 2)).toBe('e\u0301…');
});
