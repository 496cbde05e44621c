// SPDX-License-Identifier: MIT
import type { Colour, Paint } from './colour.ts';
import { escapeForTerminal } from './escape.ts';
import { displayWidth } from './width.ts';

/** One column of a table; `colour` may depend on the row. */
export interface Column<Row> {
  readonly title: string;
  readonly value: (row: Row) => string | undefined;
  readonly align?: 'left' | 'right';
  readonly colour?: (row: Row) => Colour | undefined;
}

/**
 * Aligned columns, two blanks apart, with a heading. Cells are escaped; an absent value is `-`. Ends with a newline.
 */
export function renderTable<Row>(columns: readonly Column<Row>[], rows: readonly Row[], paint: Paint): string {
  const cells = rows.map((row) => columns.map((column) => escapeForTerminal(column.value(row) || '-')));
  const widths = columns.map((column, index) =>
    Math.max(displayWidth(column.title), ...cells.map((line) => displayWidth(line[index] ?? ''))),
  );
  const heading = columns.map((column, index) =>
    paint('bold', pad(column.title, widths[index] ?? 0, column, index === columns.length - 1)),
  );
  const lines = rows.map((row, line) =>
    columns.map((column, index) => {
      const padded = pad(cells[line]?.[index] ?? '', widths[index] ?? 0, column, index === columns.length - 1);
      const colour = column.colour?.(row);
      return colour ? paint(colour, padded) : padded;
    }),
  );
  return [heading, ...lines].map((line) => `${line.join('  ')}\n`).join('');
}

/** `key: value` lines with the values in one column; absent values are left out, lists take a line each. */
export function renderFields(
  fields: readonly (readonly [string, string | readonly string[] | undefined])[],
  paint: Paint,
): string {
  const present = fields.filter(([, value]) => value !== undefined && value.length > 0);
  const width = Math.max(0, ...present.map(([key]) => displayWidth(key)));
  return present
    .map(([key, value]) => {
      const lines = (typeof value === 'string' ? [value] : (value ?? [])).map(escapeForTerminal);
      return `${paint('bold', `${key}:${' '.repeat(width - displayWidth(key))}`)}  ${lines.join(`\n${' '.repeat(width + 3)}`)}\n`;
    })
    .join('');
}

function pad(text: string, width: number, column: { readonly align?: 'left' | 'right' }, isLast: boolean): string {
  const gap = ' '.repeat(Math.max(0, width - displayWidth(text)));
  if (column.align === 'right') return gap + text;
  return isLast ? text : text + gap;
}
