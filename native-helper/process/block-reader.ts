// SPDX-License-Identifier: MIT
import { Socket } from 'node:net';

const bufferBytes = 512 * 1024;
/** A reader gets a full buffer, or what there is when it was not filled in so long. */
const lingerMs = 2;
/** One that is being filled, a spare one, two whose parts the reader has, and one that waits for it. */
const bufferCount = 5;

interface Filled {
  readonly bytes: Buffer<ArrayBuffer>;
  /** Up to here it holds what came. */
  end: number;
  /** Up to here the reader has had it. */
  taken: number;
}

/**
 * What comes over a socket, in blocks out of a few buffers that are used again and again: half the
 * processor's time of a stream, which makes a new buffer of 64 KiB for each read. A block's bytes stay
 * until the next but one was asked for, so that one can be written while the next is looked at.
 */
export class BlockReader implements AsyncIterableIterator<Buffer, undefined> {
  readonly #socket: Socket;
  readonly #spare = Array.from({ length: bufferCount - 1 }, () => Buffer.allocUnsafeSlow(bufferBytes));
  /** Oldest first; the last is the one that is being filled. */
  readonly #filled: Filled[] = [{ bytes: Buffer.allocUnsafeSlow(bufferBytes), end: 0, taken: 0 }];
  /** Whose parts the reader has, the newest last. */
  readonly #lent: Filled[] = [];
  #linger: NodeJS.Timeout | undefined;
  #isHeld = false;
  #isOver = false;
  #wake: (() => void) | undefined;

  /** Takes the descriptor over and closes it. */
  constructor(fd: number) {
    this.#socket = new Socket({
      fd,
      readable: true,
      writable: false,
      onread: { buffer: () => this.#room(), callback: (bytes) => this.#came(bytes) },
    });
    // 'close' follows; how the program on the other side ended tells whether all came
    this.#socket.on('error', () => {});
    this.#socket.on('close', () => {
      this.#isOver = true;
      this.#rouse();
    });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  /** What has come so far, a buffer's worth at most; waits where nothing has. One call at a time. */
  async next(): Promise<IteratorResult<Buffer, undefined>> {
    if (this.#lent.length === 2) this.#giveBack();
    if (!this.#isOver && !this.#filled.some(({ taken, end }) => taken < end && end === bufferBytes)) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
        if (this.#newest.taken < this.#newest.end) this.#rouseSoon();
      });
    }
    const next = this.#filled.find(({ taken, end }) => taken < end);
    return next ? { done: false, value: this.#lend(next) } : { done: true, value: undefined };
  }

  async return(): Promise<IteratorResult<Buffer, undefined>> {
    this.destroy();
    return await Promise.resolve({ done: true, value: undefined });
  }

  destroy(): void {
    this.#socket.destroy();
  }

  /** Where the next bytes go; asked for after each read, before the next. */
  #room(): Buffer {
    const { bytes, end } = this.#newest;
    return bytes.subarray(end);
  }

  /** False holds the other side up until a buffer is free. */
  #came(bytes: number): boolean {
    this.#newest.end += bytes;
    if (this.#newest.end === bufferBytes) {
      this.#filled.push({ bytes: this.#spare.pop() ?? Buffer.allocUnsafeSlow(bufferBytes), end: 0, taken: 0 });
      this.#rouse();
    } else this.#rouseSoon();
    this.#isHeld = this.#spare.length === 0;
    if (this.#isHeld) this.#socket.pause();
    return !this.#isHeld;
  }

  #rouseSoon(): void {
    if (this.#wake) this.#linger ??= setTimeout(() => this.#rouse(), lingerMs);
  }

  #rouse(): void {
    clearTimeout(this.#linger);
    this.#linger = undefined;
    this.#wake?.();
    this.#wake = undefined;
  }

  #lend(filled: Filled): Buffer {
    const block = filled.bytes.subarray(filled.taken, filled.end);
    filled.taken = filled.end;
    this.#lent.push(filled);
    return block;
  }

  #giveBack(): void {
    const filled = this.#lent.shift();
    if (filled?.taken !== bufferBytes || this.#lent.includes(filled)) return;
    this.#filled.splice(this.#filled.indexOf(filled), 1);
    this.#spare.push(filled.bytes);
    if (!this.#isHeld) return;
    this.#isHeld = false;
    this.#socket.resume();
  }

  get #newest(): Filled {
    const newest = this.#filled.at(-1);
    if (!newest) throw new Error('one buffer is always being filled');
    return newest;
  }
}
