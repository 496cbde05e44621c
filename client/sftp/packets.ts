// SPDX-License-Identifier: MIT
/** Packets of SFTP (contract/sftp.ts has their numbers), as far as copying needs them. */
import { attributeFlag } from '#contract/sftp.ts';
import { say } from '#messages/say.ts';

/** What a server tells of a file; what it does not tell is undefined. */
export interface SftpAttributes {
  readonly size: number | undefined;
  /** With the type of the file, as in stat(2). */
  readonly mode: number | undefined;
  /** Seconds since 1970. */
  readonly modifiedAt: number | undefined;
}

export function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

export function uint64(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(value));
  return bytes;
}

/** A length and that many bytes. */
export function sftpString(bytes: Buffer | string): Buffer {
  const content = Buffer.from(bytes);
  return Buffer.concat([uint32(content.length), content]);
}

/** Attributes to ask for; `mode` without the type of the file. */
export function sftpAttributes({ mode, modifiedAt }: { readonly mode?: number; readonly modifiedAt?: number }): Buffer {
  const flags =
    (mode === undefined ? 0 : attributeFlag.permissions) | (modifiedAt === undefined ? 0 : attributeFlag.times);
  return Buffer.concat([
    uint32(flags),
    ...(mode === undefined ? [] : [uint32(mode)]),
    // Access time and time of change; the protocol has no way to set one of them.
    ...(modifiedAt === undefined ? [] : [uint32(modifiedAt), uint32(modifiedAt)]),
  ]);
}

/** Reads the parts of a packet one after the other. Throws RangeError where it is cut short. */
export class PacketReader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#bytes.length;
  }

  uint32(): number {
    const value = this.#bytes.readUInt32BE(this.#at);
    this.#at += 4;
    return value;
  }

  uint64(): number {
    const value = this.#bytes.readBigUInt64BE(this.#at);
    this.#at += 8;
    return Number(value);
  }

  string(): Buffer {
    const length = this.uint32();
    if (this.#at + length > this.#bytes.length) throw new RangeError(say('client.sftp.long-string'));
    this.#at += length;
    return this.#bytes.subarray(this.#at - length, this.#at);
  }

  attributes(): SftpAttributes {
    const flags = this.uint32();
    const size = flags & attributeFlag.size ? this.uint64() : undefined;
    if (flags & attributeFlag.owner) this.#at += 8;
    const mode = flags & attributeFlag.permissions ? this.uint32() : undefined;
    let modifiedAt: number | undefined;
    if (flags & attributeFlag.times) {
      this.uint32();
      modifiedAt = this.uint32();
    }
    // A bit operation makes a negative number of the highest bit, which is not zero either.
    for (let left = flags & attributeFlag.extended ? this.uint32() : 0; left > 0; left -= 1) {
      this.string();
      this.string();
    }
    return { size, mode, modifiedAt };
  }
}
