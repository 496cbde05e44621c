// SPDX-License-Identifier: MIT
import { visibleText, withoutUnseen } from '#contract/visible-text.ts';

/**
 * The one place that writes words on the terminal. Guests' bytes that are to act on it go by `raw-terminal.ts`'s loan.
 */

/** One line on stderr. Whatever is in it, it stays one line and does nothing but stand there. */
export function tell(line: string): void {
  process.stderr.write(`${visibleText(line)}\n`);
}

/** One line on stdout; a program that reads it gets it as it is, as from ls(1). */
export function print(line: string): void {
  process.stdout.write(`${process.stdout.isTTY ? visibleText(line) : line}\n`);
}

/** Lines that were rendered, on stdout. */
export function show(text: string): void {
  process.stdout.write(printable(text));
}

/** The same on stderr. */
export function showError(text: string): void {
  process.stderr.write(printable(text));
}

/**
 * Rendered lines without anything that acts on a terminal but our own colours. Renderers escape what comes from
 * elsewhere, with which it could fake a line or a colour; this holds where one forgets.
 */
export function printable(text: string): string {
  return text
    .split(own)
    .map((part, index) => (index % 2 === 1 ? part : withoutUnseen(part, visibleText)))
    .join('');
}

/** Ends of lines, CSV's among them, tabs, and what `render/colour.ts` writes. */
// eslint-disable-next-line no-control-regex -- control characters are what is looked for
const own = /(\r?\n|\t|\u001b\[\d{1,2}m)/;
