// SPDX-License-Identifier: MIT
import stringWidth from 'string-width';

/** What a reader takes for one character: a letter with its marks, an emoji of many parts. */
const characters = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

/** How many terminal columns an escaped text takes: two for wide characters, whole emoji and flags. */
export function displayWidth(text: string): number {
  return stringWidth(text);
}

/** The longest beginning of `text` that fits into `columns`, with an ellipsis where something was cut. */
export function fitWidth(text: string, columns: number): string {
  if (displayWidth(text) <= columns) return text;
  let width = 0;
  let kept = '';
  for (const { segment } of characters.segment(text)) {
    width += displayWidth(segment);
    if (width > columns - 1) break;
    kept += segment;
  }
  return `${kept}…`;
}
