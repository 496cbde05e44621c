// SPDX-License-Identifier: MIT
import { expect, test } from 'vitest';
import { parseBytes } from '#contract/units.ts';

const [kibi, mebi, gibi, tebi] = [1024, 1024 ** 2, 1024 ** 3, 1024 ** 4];

// Each unit in each spelling: alone, with B, with iB; in capitals, in small letters, mixed; with blanks around and
// between.
const spellings = (['K', 'M', 'G', 'T'] as const).flatMap((unit) => {
  const bytes = { K: kibi, M: mebi, G: gibi, T: tebi }[unit];
  return ['', 'B', 'iB'].flatMap((tail) =>
    [unit + tail, (unit + tail).toLowerCase(), (unit + tail).toUpperCase(), unit.toLowerCase() + tail].map(
      (word) => [word, bytes] as const,
    ),
  );
});

test.each(spellings)('1%s is %d bytes', (word, bytes) => {
  for (const text of [`1${word}`, `1 ${word}`, ` 1${word} `, `01${word}`, `1.0${word}`])
    expect(parseBytes(text), text).toBe(bytes);
  expect(parseBytes(`3${word}`)).toBe(3 * bytes);
  expect(parseBytes(`0${word}`)).toBe(0);
  expect(parseBytes(`0.5${word}`)).toBe(bytes / 2);
});

test.each([
  ['0', 0],
  ['1', 1],
  ['42', 42],
  ['42B', 42],
  ['42b', 42],
  ['42 B', 42],
  ['1048576', mebi],
  ['9007199254740991', Number.MAX_SAFE_INTEGER],
  // what a fraction leaves of a byte is dropped
  ['3.14K', 3215],
  ['0.0001K', 0],
  ['0.999999K', 1023],
  ['1.2M', 1258291],
  ['123.321K', 126280],
  ['1.23456789G', 1325607178],
  ['0.1G', 107374182],
  ['2.7G', 2899102924],
  // nothing is lost on the way: a floating number would say one byte more or less
  ['4.1G', 4402341478],
  ['1.1T', 1209462790553],
  ['8191.99999999999T', 9007199254740981],
])('%s is %d bytes', (text, bytes) => {
  expect(parseBytes(text)).toBe(bytes);
});

test.each([
  '',
  ' ',
  'K',
  'GiB',
  'B',
  '.',
  '.5G',
  '5.G',
  '1.',
  '1..5G',
  '1.5.5G',
  '1,5G',
  '1,000M',
  '-1',
  '-1G',
  '+1G',
  '1e9',
  '0x10',
  '1_000',
  '١G',
  '1K1',
  '1 1K',
  '3.14',
  '4.2B',
  '1.0',
  '0.5',
  '1.0B', // no part of a byte
  '1BB',
  '1KK',
  '1KBB',
  '1KiBB',
  '1Ki',
  '1iB',
  '1BK',
  '1X',
  '1P',
  '1E',
  '1 G B',
  '1G B',
  '1GB.',
  '1G\0',
  'one',
  'max',
  '9007199254740992',
  '9000T',
  '1'.repeat(400),
])('%j is no size', (text) => {
  expect(parseBytes(text)).toBeUndefined();
});
