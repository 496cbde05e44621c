// SPDX-License-Identifier: MIT
import { beginningOf } from './beginning-of.ts';

const usual = 300;

/**
 * What a guest, a program or a file says, for one line: with nothing in it that is not seen, and never longer than
 * `most` characters. All such words pass here before they are kept or told: whoever chooses their length would choose
 * that of a record, an event, a list.
 */
export function foreignWords(text: string, most = usual): string {
  const words = text
    .slice(0, 4 * most)
    .replaceAll(/[\p{C}\s]+/gu, ' ')
    .trim();
  const isWhole = words.length <= most && text.length <= 4 * most;
  return isWhole ? words : `${beginningOf(words, most - 1)}…`;
}

/** The same of a line that is shown as it was printed: its blanks stay. */
export function foreignLine(line: string, most = usual): string {
  return line.slice(0, most).replaceAll(/\p{C}/gu, ' ');
}
