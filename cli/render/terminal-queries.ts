// SPDX-License-Identifier: MIT
import { Transform, type TransformCallback } from 'node:stream';

/** Questions to a terminal: device status and attributes (ECMA-48 DSR, DA; xterm DA2, DA3, DECRQM, window reports, OSC colours). */
// eslint-disable-next-line no-control-regex
const questions = /\u001b\[[?>=]?[\d;]*(?:[cn]|\$p)|\u001b\[(?:1[1-9]|2[01])t|\u001b\]\d+;\?(?:\u0007|\u001b\\)|\u001bZ|\u0005/g;
/** A sequence that may go on in the next chunk. */
// eslint-disable-next-line no-control-regex
const unfinished = /\u001b(?:\[[?>=]?[\d;]{0,16}\$?|\]\d{0,4};?\??)?$/;

/**
 * Takes the first `replayedBytes` of a console apart from the rest and drops questions to the
 * terminal from them: a terminal would answer a question that was put long ago, and the answer
 * would be typed into the guest. What follows live passes untouched.
 */
export function withoutReplayedQueries(replayedBytes: number): Transform {
  let left = replayedBytes;
  let held = '';
  return new Transform({
    transform(chunk: Buffer, _encoding, done: TransformCallback) {
      const old = chunk.subarray(0, left);
      left -= old.length;
      if (old.length > 0 || held) {
        const text = (held + old.toString('latin1')).replace(questions, '');
        const cut = left > 0 ? text.search(unfinished) : -1;
        held = cut === -1 ? '' : text.slice(cut);
        this.push(Buffer.from(cut === -1 ? text : text.slice(0, cut), 'latin1'));
      }
      if (old.length < chunk.length) this.push(chunk.subarray(old.length));
      done();
    },
    flush(done: TransformCallback) {
      done(null, held ? Buffer.from(held, 'latin1') : undefined);
    },
  });
}
