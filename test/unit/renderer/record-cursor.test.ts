// SPDX-License-Identifier: MIT
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { RecordCursor, type RecordPiece } from '../../../renderer/ui/terminal/record-cursor.ts';

const at = (second: number): string => new Date(Date.UTC(2026, 0, 1, 0, 0, second)).toISOString();

function cut(cursor: RecordCursor, chunks: readonly number[]): RecordPiece[] {
  return chunks.flatMap((chunk) => {
    const pieces: RecordPiece[] = [];
    for (let left = chunk; left > 0; left -= pieces.at(-1)?.length ?? left) pieces.push(cursor.next(left, 9));
    return pieces;
  });
}

test('pieces end at marks, and each mark has its time', () => {
  const pieces = cut(
    new RecordCursor(
      0,
      [
        { offset: 0, at: at(0) },
        { offset: 10, at: at(1) },
      ],
      20,
    ),
    [15, 15],
  );
  expect(pieces.map(({ length }) => length)).toEqual([10, 5, 5, 10]);
  expect(pieces.map(({ atMs }) => atMs)).toEqual([Date.parse(at(0)), Date.parse(at(1)), undefined, 9]);
});

test('the first new byte is told once, whether or not a chunk begins with it', () => {
  expect(cut(new RecordCursor(0, [], 20), [50, 50]).map(({ isFirstLive }) => isFirstLive)).toEqual([
    false,
    true,
    false,
  ]);
  expect(cut(new RecordCursor(20, [], 20), [5, 5]).map(({ isFirstLive }) => isFirstLive)).toEqual([true, false]);
});

test('whatever the marks and chunks, every byte is in one piece', () => {
  const marks = fc
    .uniqueArray(fc.nat(500), { maxLength: 30 })
    .map((offsets) => offsets.sort((a, b) => a - b).map((offset) => ({ offset, at: at(0) })));
  fc.assert(
    fc.property(
      marks,
      fc.nat(500),
      fc.nat(500),
      fc.array(fc.integer({ min: 1, max: 200 }), { maxLength: 10 }),
      (some, from, live, chunks) => {
        const pieces = cut(new RecordCursor(from, some, live), chunks);
        expect(pieces.reduce((sum, { length }) => sum + length, 0)).toBe(chunks.reduce((sum, chunk) => sum + chunk, 0));
        expect(pieces.every(({ length }) => length > 0)).toBe(true);
      },
    ),
  );
});
