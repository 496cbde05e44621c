// SPDX-License-Identifier: MIT
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FrameParser } from '../../../native-helper/rpc/frame-parser.ts';
import { HelperError } from '../../../native-helper/core/errors.ts';

const limits = { headerBytes: 64, messageBytes: 200 };

function cut(bytes: Buffer, cuts: readonly number[]): Buffer[] {
  const places = [...new Set(cuts.map((each) => each % (bytes.length + 1)))].sort((a, b) => a - b);
  return [0, ...places].map((start, i) => bytes.subarray(start, places[i] ?? bytes.length));
}

test('whatever the pieces, the same bodies come out', () => {
  fc.assert(
    fc.property(
      fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 8 }),
      fc.array(fc.nat(), { maxLength: 30 }),
      (bodies, cuts) => {
        const stream = Buffer.concat(
          bodies.flatMap((body) => [Buffer.from(`Content-Length: ${body.length}\r\n\r\n`), body]),
        );
        const parser = new FrameParser(limits);
        const seen = cut(stream, cuts).flatMap((piece) => [...parser.push(piece)].map((body) => Buffer.from(body)));
        // A message without a body ends with its header: it comes out with the next bytes or at once.
        expect(seen.map(String)).toEqual(bodies.map((body) => String(Buffer.from(body))));
        expect(parser.isPartial).toBe(false);
      },
    ),
  );
});

test('whatever the bytes, it yields bodies within the limit or throws our error, and holds little', () => {
  const piece = fc.oneof(
    fc.uint8Array({ maxLength: 300 }),
    fc
      .constantFrom('Content-Length: ', '5', '\r\n\r\n', '\r\n', ': ', 'Content-Length: 3\r\n\r\nabc', 'X: y\r\n')
      .map((text) => Buffer.from(text)),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
      const parser = new FrameParser(limits);
      try {
        for (const each of pieces)
          for (const body of parser.push(Buffer.from(each)))
            expect(body.length).toBeLessThanOrEqual(limits.messageBytes);
      } catch (error) {
        expect(error).toBeInstanceOf(HelperError);
        expect(['request.invalid', 'request.too-large']).toContain((error as HelperError).code);
      }
    }),
    { numRuns: 1000 },
  );
});

test.each([
  [64, true],
  [65, false],
])('a header of %i bytes is within the limit: %s', (bytes, fits) => {
  const header = `Content-Length: 0\r\nX: ${''.padEnd(bytes - 22, 'a')}`;
  expect(header).toHaveLength(bytes);
  const read = (): number => [...new FrameParser(limits).push(Buffer.from(`${header}\r\n\r\n`))].length;
  if (fits) expect(read()).toBe(1);
  else expect(read).toThrow(HelperError);
});

test('the name of the length is read in any case and among other headers', () => {
  const bytes = Buffer.from('content-type: application/json; charset=utf-8\r\nCONTENT-LENGTH:2\r\n\r\n{}');
  expect([...new FrameParser({ ...limits, headerBytes: 200 }).push(bytes)].map(String)).toEqual(['{}']);
});
