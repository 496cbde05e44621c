// SPDX-License-Identifier: MIT

/** Small buffers cost more than their bytes. */
const mostPieces = 256;

/** How a protocol tells where its messages end. */
export interface Framing {
  /** What must be there of a message before anybody is asked about it; its length is in the first four bytes. */
  readonly headBytes: number;
  /**
   * The whole length of the message that begins here, of which four bytes are there at least. @throws Error for what is
   * no message
   */
  readonly lengthOf: (bytes: Buffer) => number;
}

/**
 * Finds the messages in a stream. Those that nobody wants whole are not put together: their bytes are handed on as they
 * come, many messages at a time.
 */
export class FrameReader {
  readonly #framing: Framing;
  readonly #isWanted: (head: Buffer) => boolean;
  #chunk: Buffer = Buffer.alloc(0);
  #at = 0;
  /** What came since, before there was enough of a message to be looked at again. */
  #more: Buffer[] = [];
  #moreBytes = 0;
  /** How much that is, with what is left of the chunk. */
  #needed = 0;
  /** Bytes still to come of a message that passes. */
  #left = 0;
  /** The answer of `isWanted` for a message that is not whole yet. */
  #wanted: boolean | undefined;

  /**
   * `isWanted` is asked once for each message, in turn, with what there is of it, its head at least; with true it is
   * handed out whole.
   */
  constructor(framing: Framing, isWanted: (head: Buffer) => boolean) {
    this.#framing = framing;
    this.#isWanted = isWanted;
  }

  /** To be called when `next` has handed out all of the chunk before. */
  feed(chunk: Buffer): void {
    this.#more.push(chunk);
    this.#moreBytes += chunk.length;
    const rest = this.#chunk.subarray(this.#at);
    if (rest.length + this.#moreBytes < this.#needed) {
      if (this.#more.length >= mostPieces) this.#more = [Buffer.concat(this.#more)];
      return;
    }
    this.#chunk = rest.length + this.#moreBytes === chunk.length ? chunk : Buffer.concat([rest, ...this.#more]);
    this.#at = 0;
    this.#more = [];
    this.#moreBytes = 0;
  }

  /**
   * The next wanted message with what passed before it; no message where the chunk has no further. @throws Error for
   * what is no message
   */
  next(): { readonly passed: Buffer; readonly message: Buffer | undefined } {
    const from = this.#at;
    this.#needed = 0;
    for (;;) {
      const step = Math.min(this.#left, this.#chunk.length - this.#at);
      this.#at += step;
      this.#left -= step;
      const passed = this.#chunk.subarray(from, this.#at);
      const rest = this.#chunk.subarray(this.#at);
      const length = rest.length < 4 ? 0 : this.#framing.lengthOf(rest);
      if (rest.length < this.#framing.headBytes)
        return this.#short(passed, rest.length === 0 ? 0 : this.#framing.headBytes);
      this.#wanted ??= this.#isWanted(rest);
      if (this.#wanted && rest.length < length) return this.#short(passed, length);
      const isWanted = this.#wanted;
      this.#wanted = undefined;
      if (isWanted) {
        this.#at += length;
        return { passed, message: rest.subarray(0, length) };
      }
      this.#left = length;
    }
  }

  /** A message that comes in small pieces is not put together anew for each of them. */
  #short(passed: Buffer, needed: number): { readonly passed: Buffer; readonly message: undefined } {
    this.#needed = needed;
    return { passed, message: undefined };
  }
}
