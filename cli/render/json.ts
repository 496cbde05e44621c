// SPDX-License-Identifier: MIT
import { unicodeEscape, withoutUnseen } from '#contract/visible-text.ts';

/**
 * JSON for programs, two blanks deep. What JSON leaves as it is and a terminal obeys, or people do not see, is escaped
 * too (DEL, C1, marks of the writing direction): the text may meet a terminal, and reads back as the same value.
 */
export function renderJson(value: unknown): string {
  // A line break that is left is the layout's.
  return `${withoutUnseen(JSON.stringify(value, undefined, 2), (character) => (character === '\n' ? character : unicodeEscape(character)))}\n`;
}
