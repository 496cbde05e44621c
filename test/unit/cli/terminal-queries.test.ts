// SPDX-License-Identifier: MIT
import { buffer } from 'node:stream/consumers';
import { Readable } from 'node:stream';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { withoutReplayedQueries } from '../../../cli/render/terminal-queries.ts';

const old = 'boot\u001b[6n login\u001b[c\u001b[>0c\u001b[31mred\u001b[0m\u001b]11;?\u0007\u001b[?2026$p\u001b[18tend\u001b[2Jü';
const kept = 'boot login\u001b[31mred\u001b[0mend\u001b[2Jü';
const live = 'now\u001b[6n\u001b[c';

test('questions of the past are dropped, live ones pass, however the bytes are cut', async () => {
  const bytes = Buffer.from(old + live);
  await fc.assert(fc.asyncProperty(fc.array(fc.integer({ min: 1, max: bytes.length - 1 })), async (cuts) => {
    const edges = [0, ...cuts.toSorted((a, b) => a - b), bytes.length];
    const chunks = edges.slice(1).map((edge, index) => bytes.subarray(edges[index], edge)).filter((chunk) => chunk.length > 0);
    const shown = await buffer(Readable.from(chunks).pipe(withoutReplayedQueries(Buffer.byteLength(old))));
    expect(shown.toString()).toBe(kept + live);
  }), { numRuns: 200 });
});

test('a record that ends in the middle of a sequence keeps it', async () => {
  const bytes = Buffer.from('text\u001b[3');
  expect((await buffer(Readable.from([bytes]).pipe(withoutReplayedQueries(bytes.length + 10)))).toString()).toBe('text\u001b[3');
});
