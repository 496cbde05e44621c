// SPDX-License-Identifier: MIT
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { piecesOf } from '../../../client/transfer/holes.ts';

const block = 4096;
const shapeOf = (bytes: Buffer): readonly string[] =>
  [...piecesOf(bytes)].map((piece) => `${piece.isHole ? 'hole' : 'data'} ${piece.bytes.length}`);
const data = (blocks: number): Buffer => Buffer.alloc(blocks * block, 1);
const zeros = (blocks: number): Buffer => Buffer.alloc(blocks * block);

it.each([
  ['nothing', Buffer.alloc(0), []],
  ['one zero', Buffer.alloc(1), ['hole 1']],
  ['data', data(2), ['data 8192']],
  ['a few zeros in data', Buffer.concat([data(1), zeros(3), data(1)]), ['data 20480']],
  ['a hole in data', Buffer.concat([data(1), zeros(4), data(1)]), ['data 4096', 'hole 16384', 'data 4096']],
  [
    'holes around data',
    Buffer.concat([zeros(4), data(1), zeros(4), Buffer.alloc(7)]),
    ['hole 16384', 'data 4096', 'hole 16391'],
  ],
  ['zeros but for the last byte', Buffer.concat([zeros(300), Buffer.from('x')]), ['hole 1228800', 'data 1']],
  [
    'zeros but for one in a second MiB',
    Buffer.concat([zeros(256), Buffer.alloc(5, 1), zeros(4)]),
    ['hole 1048576', 'data 16389'],
  ],
])('%s', (_, bytes, shape) => {
  expect(shapeOf(bytes)).toEqual(shape);
});

it('loses nothing, and takes nothing but zeros for a hole', () => {
  const part = fc
    .tuple(fc.integer({ min: 1, max: 40_000 }), fc.integer({ min: 0, max: 1 }))
    .map(([length, value]) => Buffer.alloc(length, value));
  fc.assert(
    fc.property(fc.array(part, { maxLength: 12 }), (parts) => {
      const bytes = Buffer.concat(parts);
      const pieces = [...piecesOf(bytes)];
      expect(Buffer.concat(pieces.map((piece) => piece.bytes)).equals(bytes)).toBe(true);
      for (const piece of pieces) if (piece.isHole) expect(piece.bytes.every((byte) => byte === 0)).toBe(true);
    }),
    { numRuns: 200 },
  );
});
