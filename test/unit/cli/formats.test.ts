// SPDX-License-Identifier: MIT
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { renderCsv } from '../../../cli/render/csv.ts';
import { renderJson } from '../../../cli/render/json.ts';
import { renderYaml } from '../../../cli/render/yaml.ts';

test('CSV has a heading, CR LF, and quotes where RFC 4180 asks for them', () => {
  const rows = [
    { a: 'plain', b: 1, c: true },
    { a: 'comma, "quote"\nline', b: undefined, c: ['x', 'y'] },
  ];
  expect(renderCsv(['a', 'b', 'c'], rows)).toBe('a,b,c\r\nplain,1,true\r\n"comma, ""quote""\nline",,x;y\r\n');
});

/**
 * What makes a terminal act, or reads otherwise than it is written: ESC, CSI, DEL, a mark that turns the writing
 * direction, a line that returns.
 */
const evil = 'SSH-2.0-x\u001b]0;owned\u0007\u009b2J\u007f\u202eabc\u2066\r';
const acting =
  // eslint-disable-next-line no-control-regex -- control characters are what is looked for
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]|\r(?!\n)/;

test('text that neither acts nor calculates comes out of CSV as it went in', () => {
  const cell = fc.string({
    unit: fc.constantFrom('a', 'B', '0', ' ', ',', '"', '\n', '|', "'", '\u00e4', '\u{1f600}'),
  });
  fc.assert(
    fc.property(fc.array(fc.tuple(cell, cell), { minLength: 1 }), (rows) => {
      const text = renderCsv(
        ['a', 'b'],
        rows.map(([a, b]) => ({ a, b })),
      );
      expect(parseCsv(text).slice(1)).toEqual(rows);
    }),
  );
});

test('no cell of CSV is a formula, in a list neither, whatever separates the cells; numbers are numbers', () => {
  const rows = [
    { a: '=cmd|calc!A0', b: ['ok', '=1+1'], c: -5 },
    { a: 'x;=1+1', b: '@SUM(1)', c: '-5' },
  ];
  expect(renderCsv(['a', 'b', 'c'], rows)).toBe("a,b,c\r\n'=cmd|calc!A0,ok;'=1+1,-5\r\nx;'=1+1,'@SUM(1),'-5\r\n");
  const part = fc.constantFrom(
    '=',
    '+',
    '-',
    '@',
    '\uff1d',
    '\uff0b',
    '\uff0d',
    '\uff20',
    ' ',
    '\u00a0',
    '\u3000',
    '\t',
    '\r',
    '\n',
    ';',
    ',',
    '"',
    'a',
    '1',
    '\ufeff',
    '\u0000',
  );
  fc.assert(
    fc.property(fc.array(part), fc.array(part), (a, b) => {
      const text = renderCsv(['a', 'b'], [{ a: a.join(''), b: ['x', b.join('')] }]);
      for (const row of parseCsv(text))
        for (const each of row) expect(each).not.toMatch(/(?:^|[;\n])[^\S\n]*[=+@\uff0b\uff0d\uff1d\uff20-]/);
      expect(text).not.toMatch(/(?:^|[;\n])[^\S\n]*[=+@\uff0b\uff0d\uff1d\uff20-]/);
    }),
  );
});

test('no format lets through what acts on a terminal', () => {
  const row = { a: evil, [evil]: ['\u009b2Jy', `long ${'word '.repeat(40)}\n\u009b`, 'x\u202e'] };
  for (const text of [
    renderJson([row]),
    renderYaml([row]),
    renderCsv(['a', 'b'], [{ a: evil, b: [evil, { c: evil }] }]),
  ])
    expect(text).not.toMatch(acting);
  expect(JSON.parse(renderJson([row]))).toEqual([row]);
  expect(parse(renderYaml([row]))).toEqual([row]);
  fc.assert(
    fc.property(
      fc.dictionary(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), { maxKeys: 2 }),
      (value) => {
        const text = renderYaml(value);
        expect(text).not.toMatch(acting);
        expect(parse(text)).toEqual(value);
      },
    ),
    { numRuns: 30 },
  );
});

test('JSON carries any value and no control character that a terminal obeys', () => {
  fc.assert(
    fc.property(
      fc.dictionary(
        fc.string(),
        fc.oneof(fc.string({ unit: 'binary' }), fc.integer(), fc.boolean(), fc.constant('\u001b[2J\u009b')),
      ),
      (value) => {
        const json = renderJson(value);
        expect(JSON.parse(json)).toEqual(value);
        // eslint-disable-next-line no-control-regex
        expect(json).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
      },
    ),
  );
});

test('YAML reads back as the same value, on lines that are not folded', () => {
  const value = [
    {
      name: 'web',
      addresses: ['10.0.0.2'],
      long: 'word '.repeat(60).trim(),
      escape: 'a\u001b[2Jb',
      yes: 'yes',
      number: '012',
    },
  ];
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
    row.push(match[1] === undefined ? (match[2] ?? '') : match[1].replaceAll('""', '"'));
    if (match[3] === '\r\n') {
      rows.push(row);
      row = [];
    }
  }
  expect(field.lastIndex).toBe(0);
  return rows;
}
