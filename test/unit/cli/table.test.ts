// SPDX-License-Identifier: MIT
import { expect, test } from 'vitest';
import { paintFor } from '../../../cli/render/colour.ts';
import { renderFields, renderTable, type Column } from '../../../cli/render/table.ts';

interface Row {
  readonly name: string;
  readonly size?: string;
}
const columns: readonly Column<Row>[] = [
  { title: 'NAME', value: (row) => row.name, colour: () => 'green' },
  { title: 'SIZE', value: (row) => row.size, align: 'right' },
  { title: 'END', value: () => 'x' },
];
const plain = paintFor({ isTTY: false }, {});

test('columns are aligned, numbers to the right, an absent value is a dash', () => {
  expect(renderTable(columns, [{ name: 'web', size: '512 MiB' }, { name: 'database' }], plain)).toBe(
    'NAME         SIZE  END\n' + 'web       512 MiB  x\n' + 'database        -  x\n',
  );
});

test('wide and combining characters count as the columns they take', () => {
  expect(
    renderTable(
      columns,
      [
        { name: '日本', size: '1' },
        { name: 'e\u0301', size: '22' },
      ],
      plain,
    ),
  ).toBe('NAME  SIZE  END\n日本     1  x\ne\u0301       22  x\n');
});

test('no control character of a cell reaches the terminal', () => {
  const nasty = 'a\u001b[2J\u0007b\nc\u009bd\u202ee\u007f';
  const text = renderTable(columns, [{ name: nasty }], plain) + renderFields([['Key', [nasty]]], plain);
  // eslint-disable-next-line no-control-regex
  expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
  expect(text.split('\n')).toHaveLength(4);
  expect(text).toContain('a\\x1b[2J\\x07b\\nc\\x9bd\\u202ee\\x7f');
});

test('colours appear on a terminal only, and never with NO_COLOR or a dumb terminal', () => {
  const rows = [{ name: 'web' }];
  expect(renderTable(columns, rows, paintFor({ isTTY: true }, { TERM: 'xterm' }))).toContain('\u001b[32mweb ');
  for (const paint of [
    paintFor({ isTTY: true }, { NO_COLOR: '1' }),
    paintFor({ isTTY: true }, { TERM: 'dumb' }),
    paintFor({}, { TERM: 'xterm' }),
  ]) {
    expect(renderTable(columns, rows, paint)).not.toContain('\u001b');
  }
});

test('fields leave out what is absent and put lists below each other', () => {
  expect(
    renderFields(
      [
        ['Name', 'web'],
        ['Pid', undefined],
        ['Addresses', ['10.0.0.2', '10.0.0.3']],
        ['Empty', []],
      ],
      plain,
    ),
  ).toBe('Name:       web\nAddresses:  10.0.0.2\n            10.0.0.3\n');
});
