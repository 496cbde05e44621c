// SPDX-License-Identifier: MIT
import { expect, it } from 'vitest';
import { DenialBook, keptDenials } from '../../../native-helper/instances/denials/denial-book.ts';
import type { DeniedAccess } from '../../../native-helper/instances/denials/denied-access.ts';
import { deniedBy, fileLine } from './denied-by.ts';

const at = (line: string, seconds: number, serial: number): DeniedAccess => ({
  ...deniedBy(line),
  at: new Date(seconds * 1000),
  serial,
});

it('keeps each thing once, with count, times and all letters', () => {
  const book = new DenialBook({ schema: 1, denials: [] });
  for (const [index, mask] of ['r', 'wr', 'r'].entries()) book.add(at(fileLine('/srv/a', mask), 10 + index, index));
  expect(book.all()).toMatchObject([
    { count: 3, access: 'rw', firstAt: '1970-01-01T00:00:10.000Z', lastAt: '1970-01-01T00:00:12.000Z' },
  ]);
});

it('counts nothing twice that an earlier helper counted', () => {
  const first = new DenialBook({ schema: 1, denials: [] });
  first.add(at(fileLine('/srv/a'), 10, 4));
  first.add(at(fileLine('/srv/b'), 11, 5));
  const next = new DenialBook(first.content());
  const again = [
    at(fileLine('/srv/a'), 10, 4),
    at(fileLine('/srv/b'), 11, 5),
    at(fileLine('/srv/b'), 11, 6),
    at(fileLine('/srv/a'), 12, 7),
  ];
  expect(again.map((each) => next.add(each))).toEqual([false, false, true, true]);
  expect(next.all().map(({ subject, count }) => [subject, count])).toEqual([
    ['/srv/a', 2],
    ['/srv/b', 2],
  ]);
});

it('is bounded, and lets go of what nobody decided on first', () => {
  const book = new DenialBook({ schema: 1, denials: [] });
  book.add(at(fileLine('/srv/decided'), 1, 1));
  const id = book.all()[0]?.id ?? '';
  book.decide(id, { choice: 'keep-blocked', at: '2026-03-01T10:20:30.400Z', byUid: 1000 });
  for (let index = 0; index < keptDenials + 50; index += 1)
    book.add(at(fileLine(`/srv/${index}`), 10 + index, 10 + index));
  expect(book.all()).toHaveLength(keptDenials);
  expect(book.find(id)?.decision?.choice).toBe('keep-blocked');
  expect(book.all()[0]?.subject).toBe(`/srv/${keptDenials + 49}`);
});
