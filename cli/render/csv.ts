// SPDX-License-Identifier: MIT
import { visibleText, withoutUnseen } from '#contract/visible-text.ts';

/**
 * CSV by RFC 4180: a heading, CR LF after every record, quotes where a field holds a comma, a quote or a line break.
 * Lists are joined with `;`, times and numbers stand as in the JSON, absent is empty. Names and reasons come from
 * guests too: what a terminal obeys stands as `\x1b` and the like, and what a spreadsheet would take for a formula has
 * a quote before it.
 */
export function renderCsv(keys: readonly string[], rows: readonly Readonly<Record<string, unknown>>[]): string {
  const lines = [keys.join(','), ...rows.map((row) => keys.map((key) => field(row[key])).join(','))];
  return lines.map((line) => `${line}\r\n`).join('');
}

function field(value: unknown): string {
  const text = plain(value);
  return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function plain(value: unknown): string {
  if (value === undefined || value === null) return '';
  if (Array.isArray(value)) return value.map(plain).join(';');
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return withoutUnseen(text, (character) => (character === '\n' ? character : visibleText(character))).replaceAll(
    formula,
    "$1'",
  );
}

/**
 * Where a cell with a formula begins (OWASP, CSV Injection), full-width signs, blanks and quotes before it included.
 * Where the computer's list separator is `;`, a cell begins there too, and at a line break, for quotes within a line
 * mean nothing then.
 */
const formula = /(^|[;\n])(?=(?:[^\S\n]|")*[=+@\uff0b\uff0d\uff1d\uff20-])/g;
