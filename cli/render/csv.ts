// SPDX-License-Identifier: MIT
/**
 * CSV by RFC 4180: a heading, CR LF after every record, quotes where a field holds a comma, a quote
 * or a line break. Lists are joined with `;`, times and numbers stand as in the JSON, absent is empty.
 */
export function renderCsv(keys: readonly string[], rows: readonly Readonly<Record<string, unknown>>[]): string {
  const lines = [keys.join(','), ...rows.map((row) => keys.map((key) => field(row[key])).join(','))];
  return lines.map((line) => `${line}\r\n`).join('');
}

function field(value: unknown): string {
  const text = plain(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function plain(value: unknown): string {
  if (value === undefined || value === null) return '';
  if (Array.isArray(value)) return value.map(plain).join(';');
  return typeof value === 'object' ? JSON.stringify(value) : String(value as string | number | boolean);
}
