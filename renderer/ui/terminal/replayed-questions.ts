// SPDX-License-Identifier: MIT
import type { Terminal } from '@xterm/xterm';

/**
 * Programs ask a terminal where its cursor is, what it can do, which colours it has (ECMA-48 DSR and
 * DA, xterm's OSC 4 and 10 to 12). Such a question in a record was answered when it was asked; an
 * answer to its replay would be typed into whatever runs now.
 */
const askedByControl = [
  { final: 'n' }, { prefix: '?', final: 'n' },
  { final: 'c' }, { prefix: '>', final: 'c' }, { prefix: '=', final: 'c' },
  { intermediates: '$', final: 'p' }, { prefix: '?', intermediates: '$', final: 'p' },
  { final: 't' },
] as const;
const askedByColour = [4, 10, 11, 12] as const;

/** Leaves questions unanswered while `isReplaying` says so. */
export function ignoreReplayedQuestions(terminal: Terminal, isReplaying: () => boolean): void {
  for (const question of askedByControl) terminal.parser.registerCsiHandler(question, isReplaying);
  for (const question of askedByColour) terminal.parser.registerOscHandler(question, (text) => isReplaying() && text.includes('?'));
  terminal.parser.registerDcsHandler({ intermediates: '$', final: 'q' }, isReplaying);
}
