// SPDX-License-Identifier: MIT
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { renderCsv } from '../../../cli/render/csv.ts';
import { renderJson } from '../../../cli/render/json.ts';
import { renderYaml } from '../../../cli/render/yaml.ts';

test('CSV has a heading, CR LF, and quotes where RFC 4180 asks for them', () => {
  const rows = [{ a: 'plain', b: 1, c: true }, { a: 'comma, "quote"\nline', b: undefined, c: ['x', 'y'] }];
  expect(renderCsv(['a', 'b', 'c'], rows)).toBe('a,b,c\r\nplain,1,true\r\n"comma, ""quote""\nline",,x;y\r\n');
});

test('whatever text goes into CSV comes out again', () => {
  fc.assert(fc.property(fc.array(fc.tuple(fc.string(), fc.string()), { minLength: 1 }), (rows) => {
    const text = renderCsv(['a', 'b'], rows.map(([a, b]) => ({ a, b })));
    expect(parseCsv(text).slice(1)).toEqual(rows);
  }));
});

test('JSON carries any value and no control character that a terminal obeys', () => {
  fc.assert(fc.property(fc.dictionary(fc.string(), fc.oneof(fc.string({ unit: 'binary' }), fc.integer(), fc.boolean(), fc.constant('\u001b[2J\u009b'))), (value) => {
    const json = renderJson(value);
    expect(JSON.parse(json)).toEqual(value);
    // eslint-disable-next-line no-control-regex
    expect(json).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
  }));
});

test('YAML reads back as the same value, on lines that are not folded', () => {
  const value = [{ name: 'web', addresses: ['10.0.0.2'], long: 'word '.repeat(60).trim(), escape: 'a\u001b[2Jb', yes: 'yes', number: '012' }];
  const text = renderYaml(value);
  expect(parse(text)).toEqual(value);
  expect(text).not.toContain('\u001b');
  expect(text.split('\n')).toHaveLength(8);
});

/** The reading side of RFC 4180, for the test only. */
function parseCsv(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  const field = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/gy;
  for (let match = field.exec(text); match; match = field.exec(text)) {
    row.push(match[1] === undefined ? match[2] ?? '' : match[1].replaceAll('""', '"'));
    if (match[3] === '\r\n') {
      rows.push(row);
      row = [];
    }
  }
  expect(field.lastIndex).toBe(0);
  return rows;
}
