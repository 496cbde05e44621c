// SPDX-License-Identifier: MIT

/** Types of draft-ietf-secsh-filexfer-02, which OpenSSH speaks; further requests of its own are `extended`. */
export const request = { init: 1, open: 3, close: 4, lstat: 7, fstat: 8, stat: 17, last: 20, extended: 200 } as const;
export const response = { status: 101, handle: 102, attributes: 105 } as const;
export const openFlags = { create: 8, exclusive: 32 } as const;
export const statusCode = { noSuchFile: 2, permissionDenied: 3 } as const;

/** What sftp-server takes at most (SFTP_MAX_MSG_LENGTH); it ends at more. */
const longestPacket = 256 * 1024;
const headBytes = 5;

/** Whether the server answers a request of this type, as it does each known one, once and in turn. */
export function isAnswered(type: number): boolean {
  return type === request.init || type === request.extended || (type >= request.open && type <= request.last);
}

/**
 * Finds the packets in a stream. Those that nobody wants whole are not put together: their bytes are handed on as
 * they come, many packets at a time.
 */
export class PacketReader {
  readonly #isWanted: (type: number) => boolean;
  #chunk: Buffer = Buffer.alloc(0);
  #at = 0;
  /** Bytes still to come of a packet that passes. */
  #left = 0;
  /** The answer of `isWanted` for a packet that is not whole yet. */
  #wanted: boolean | undefined;

  /** `isWanted` is asked once for each packet, in turn; with true it is handed out whole. */
  constructor(isWanted: (type: number) => boolean) {
    this.#isWanted = isWanted;
  }

  /** To be called when `next` has handed out all of the chunk before. */
  feed(chunk: Buffer): void {
    const rest = this.#chunk.subarray(this.#at);
    this.#chunk = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    this.#at = 0;
  }

  /** The next wanted packet with what passed before it; no packet where the chunk has no further. @throws Error for what is no packet */
  next(): { readonly passed: Buffer; readonly packet: Buffer | undefined } {
    const from = this.#at;
    for (;;) {
      const step = Math.min(this.#left, this.#chunk.length - this.#at);
      this.#at += step;
      this.#left -= step;
      const passed = this.#chunk.subarray(from, this.#at);
      if (this.#chunk.length - this.#at < headBytes) return { passed, packet: undefined };
      const whole = 4 + lengthOf(this.#chunk, this.#at);
      this.#wanted ??= this.#isWanted(this.#chunk.readUInt8(this.#at + 4));
      if (this.#wanted && this.#chunk.length - this.#at < whole) return { passed, packet: undefined };
      const isWanted = this.#wanted;
      this.#wanted = undefined;
      if (isWanted) {
        this.#at += whole;
        return { passed, packet: this.#chunk.subarray(this.#at - whole, this.#at) };
      }
      this.#left = whole;
    }
  }
}

function lengthOf(bytes: Buffer, at: number): number {
  const length = bytes.readUInt32BE(at);
  if (length < 1 || length > longestPacket) throw new Error(`an SFTP packet of ${length} bytes`);
  return length;
}

export function packet(type: number, id: number, ...parts: readonly Buffer[]): Buffer {
  const head = Buffer.alloc(9);
  head.writeUInt32BE(5 + parts.reduce((sum, part) => sum + part.length, 0), 0);
  head.writeUInt8(type, 4);
  head.writeUInt32BE(id, 5);
  return Buffer.concat([head, ...parts]);
}

/** The string that begins at an offset, with its length before it, as it stands in the packet. @throws RangeError where it is cut short */
export function stringAt(bytes: Buffer, at: number): Buffer {
  const end = at + 4 + bytes.readUInt32BE(at);
  if (end > bytes.length) throw new RangeError('a string is longer than its packet');
  return bytes.subarray(at, end);
}
