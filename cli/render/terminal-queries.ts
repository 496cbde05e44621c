// SPDX-License-Identifier: MIT
import { Transform, type TransformCallback } from 'node:stream';
import { ReplayFilter } from '#contract/replay-filter.ts';

/**
 * Takes the first `replayedBytes` of a console apart from the rest and drops questions to the
 * terminal from them: a terminal would answer a question that was put long ago, and the answer
 * would be typed into the guest. What follows live passes untouched.
 */
export function withoutReplayedQueries(replayedBytes: number): Transform {
  const filter = new ReplayFilter();
  let left = replayedBytes;
  return new Transform({
    transform(chunk: Buffer, _encoding, done: TransformCallback) {
      const old = chunk.subarray(0, left);
      left -= old.length;
      if (old.length > 0) this.push(Buffer.concat([filter.pass(old), ...(left === 0 ? [filter.end()] : [])]));
      if (old.length < chunk.length) this.push(chunk.subarray(old.length));
      done();
    },
    flush(done: TransformCallback) {
      done(null, filter.end());
    },
  });
}
