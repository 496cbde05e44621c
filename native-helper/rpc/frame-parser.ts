// SPDX-License-Identifier: MIT
import { sentence } from '#messages/say.ts';
import { HelperError } from '../core/errors.ts';
import type { WireLimits } from './wire-limits.ts';

const headerEnd = '\r\n\r\n';
/** Up to here a piece is copied together with what follows it. */
const smallPiece = 4096;

/**
 * Cuts the byte stream into message bodies: `Content-Length: N`, an empty line, N bytes (the base
 * protocol of the Language Server Protocol). Holds at most one incomplete message, within the limits.
 */
export class FrameParser {
  readonly #limits: Pick<WireLimits, 'headerBytes' | 'messageBytes'>;
  #header: Buffer = Buffer.alloc(0);
  #body: Buffer[] = [];
  #heldBytes = 0;
  /** Bytes of the body still to come; undefined while the header is read. */
  #missing: number | undefined;

  constructor(limits: Pick<WireLimits, 'headerBytes' | 'messageBytes'>) {
    this.#limits = limits;
  }

  /** What is kept of a message that is not complete. */
  get heldBytes(): number {
    return this.#heldBytes + this.#header.length;
  }

  /** True while a message has begun and not ended. */
  get isPartial(): boolean {
    return this.#header.length > 0 || this.#missing !== undefined;
  }

  /** The bodies that `chunk` completes. Throws request.invalid or request.too-large; the stream is then lost. */
  *push(chunk: Buffer): Generator<Buffer> {
    let rest = chunk;
    while (rest.length > 0) {
      if (this.#missing === undefined) {
        rest = this.#readHeader(rest);
      }
      const body = this.#missing === undefined ? undefined : this.#takeBody(rest, this.#missing);
      if (body === undefined) return;
      rest = body.rest;
      yield body.content;
    }
  }

  /** Returns what follows the header; all is kept when the header is not complete yet. */
  #readHeader(chunk: Buffer): Buffer {
    const held = this.#header.length;
    const window = chunk.subarray(0, this.#limits.headerBytes + headerEnd.length - held);
    const header = held === 0 ? window : Buffer.concat([this.#header, window]);
    const end = header.indexOf(headerEnd);
    const headerBytes = end < 0 ? header.length : end;
    if (headerBytes > this.#limits.headerBytes)
      throw new HelperError('request.invalid', {
        reason: sentence('request.no-header', { most: this.#limits.headerBytes }),
      });
    if (end < 0) {
      this.#header = Buffer.from(header);
      return chunk.subarray(chunk.length);
    }
    this.#missing = this.#contentLength(header.toString('latin1', 0, end));
    this.#header = Buffer.alloc(0);
    return chunk.subarray(end + headerEnd.length - held);
  }

  #contentLength(header: string): number {
    const lengths: string[] = [];
    for (const line of header.split('\r\n')) {
      const match = /^([!-9;-~]+):[ \t]*([ -~]*?)[ \t]*$/.exec(line);
      if (match === null) throw new HelperError('request.invalid', { reason: sentence('request.header-lines') });
      if (match[1]?.toLowerCase() === 'content-length') lengths.push(match[2] ?? '');
    }
    const [text, ...others] = lengths;
    if (text === undefined || others.length > 0 || !/^\d{1,15}$/.test(text))
      throw new HelperError('request.invalid', { reason: sentence('request.header-length') });
    const bytes = Number(text);
    if (bytes > this.#limits.messageBytes)
      throw new HelperError('request.too-large', { bytes, limit: this.#limits.messageBytes });
    return bytes;
  }

  #takeBody(chunk: Buffer, missing: number): { content: Buffer; rest: Buffer } | undefined {
    if (chunk.length < missing) {
      if (chunk.length > 0) this.#keep(chunk);
      this.#missing = missing - chunk.length;
      return undefined;
    }
    const last = chunk.subarray(0, missing);
    const content = this.#body.length === 0 ? last : Buffer.concat([...this.#body, last]);
    this.#body = [];
    this.#heldBytes = 0;
    this.#missing = undefined;
    return { content, rest: chunk.subarray(missing) };
  }

  /** In few pieces, however small they come: each costs more than its bytes. */
  #keep(chunk: Buffer): void {
    this.#heldBytes += chunk.length;
    const last = this.#body.at(-1);
    if (last !== undefined && last.length <= 2 * chunk.length + smallPiece)
      this.#body[this.#body.length - 1] = Buffer.concat([last, chunk]);
    else this.#body.push(Buffer.from(chunk));
  }
}
