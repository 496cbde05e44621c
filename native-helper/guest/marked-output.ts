// SPDX-License-Identifier: MIT
import { Transform, type TransformCallback } from 'node:stream';

/** Digits of a pid and the end of the line. */
const mostNumberBytes = 12;

/** Output in which one line is ours: a mark and a number. It is taken out; what stands before and after it passes. */
export class MarkedOutput extends Transform {
  readonly #mark: Buffer;
  readonly #number = Promise.withResolvers<number | undefined>();
  /** What may be the beginning of the line; undefined when that was found, or cannot come any more. */
  #held: Buffer | undefined = Buffer.alloc(0);

  constructor(mark: string) {
    super();
    this.#mark = Buffer.from(mark);
  }

  /** The number behind the mark; undefined where the output ends without one. */
  get number(): Promise<number | undefined> {
    return this.#number.promise;
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    if (this.#held === undefined) return done(null, chunk);
    const bytes = Buffer.concat([this.#held, chunk]);
    const at = this.#beginOfMark(bytes);
    const behind = bytes.subarray(at + this.#mark.length);
    const isWhole =
      at + this.#mark.length <= bytes.length && (behind.includes(0x0a) || behind.length > mostNumberBytes);
    if (!isWhole) {
      this.#held = bytes.subarray(at);
      return done(null, bytes.subarray(0, at));
    }
    this.#held = undefined;
    const [line = '', number] = /^([1-9]\d{0,9})\n/.exec(behind.toString('latin1', 0, mostNumberBytes)) ?? [];
    this.#number.resolve(number === undefined ? undefined : Number(number));
    done(
      null,
      Buffer.concat([
        bytes.subarray(0, number === undefined ? at + this.#mark.length : at),
        behind.subarray(line.length),
      ]),
    );
  }

  override _flush(done: TransformCallback): void {
    done(null, this.#held);
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#number.resolve(undefined);
    done(error);
  }

  /** Where the mark is, or its beginning at the end of the bytes; their length where neither is. */
  #beginOfMark(bytes: Buffer): number {
    const whole = bytes.indexOf(this.#mark);
    if (whole >= 0) return whole;
    const first = Math.max(0, bytes.length - this.#mark.length + 1);
    for (let at = first; at < bytes.length; at += 1)
      if (this.#mark.subarray(0, bytes.length - at).equals(bytes.subarray(at))) return at;
    return bytes.length;
  }
}
