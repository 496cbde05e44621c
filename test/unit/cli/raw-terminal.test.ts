// SPDX-License-Identifier: MIT
import { expect, test } from 'vitest';
import { terminalReset } from '../../../cli/raw-terminal.ts';

/** What a guest can leave behind, by what ends it. */
test.each([
  ['a locked keyboard', '\u001b[2l'],
  ['local echo', '\u001b[12h'],
  ['BS for DEL', '\u001b[?67l'],
  ['keys that do not repeat', '\u001b[?8h'],
  ['positions from the margins', '\u001b[?6l'],
  ['the same after the cursor came back', '\u001b[!p'],
  ['a wheel that types', '\u001b[?1007r'],
  ['Meta as it was', '\u001b[?1036r'],
  ['Alt as it was', '\u001b[?1039r'],
  ['keys of a Sun', '\u001b[?1051l'],
  ['keys of a VT220', '\u001b[?1061l'],
  ['keys of Windows', '\u001b[?9001l'],
  ['another encoding', '\u001b%G'],
  ['modified cursor keys', '\u001b[>1m'],
  ['modified function keys', '\u001b[>2m'],
  ['another font', '\u001b[10m'],
  ['a link', '\u001b]8;;\u001b\\'],
  ['wrapping back', '\u001b[?45l'],
])('%s ends when the terminal is given back', (_, sequence) => {
  expect(terminalReset).toContain(sequence);
});

test('giving the terminal back clears nothing and asks nothing', () => {
  expect(terminalReset).not.toMatch(
    // eslint-disable-next-line no-control-regex -- control characters are what is looked for
    /\u001bc|\u001b\[\d*J|\u001b\[\?3[hl]|\u001b\[[\d;?>=]*[cn]|\u001b\][^\u0007\u001b]*\?/,
  );
});
