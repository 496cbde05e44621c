// SPDX-License-Identifier: MIT
import { FrameReader } from '../frame-reader.ts';

/**
 * Types of 9P2000.L, as Linux speaks it (include/net/9p/9p.h; diod's protocol.md). An answer's type is that of its
 * question plus one.
 */
export const type = {
  lerror: 7,
  statfs: 8,
  lopen: 12,
  lcreate: 14,
  symlink: 16,
  mknod: 18,
  rename: 20,
  readlink: 22,
  getattr: 24,
  setattr: 26,
  xattrwalk: 30,
  xattrcreate: 32,
  readdir: 40,
  fsync: 50,
  lock: 52,
  getlock: 54,
  link: 70,
  mkdir: 72,
  renameat: 74,
  unlinkat: 76,
  version: 100,
  auth: 102,
  attach: 104,
  flush: 108,
  walk: 110,
  read: 116,
  write: 118,
  clunk: 120,
  remove: 122,
} as const;
export const openFlags = { create: 0o100, exclusive: 0o200, nonBlocking: 0o4000, noFollow: 0o400000 } as const;
export const errno = { notPermitted: 1, exists: 17, invalid: 22, notSupported: 95, stale: 116 } as const;

/** Length, type and tag, before what a message says. */
export const headBytes = 7;
/** What comes before the bytes of a write: the head, a fid, where to, how many. */
const writeHeadBytes = headBytes + 16;

/**
 * Fields by name: b, u, q are numbers of 1, 4, 8 bytes; s a string with its length before it; w a count of 2 bytes and
 * so many strings.
 */
const layouts: Readonly<Record<number, string>> = {
  [type.statfs]: 'u',
  [type.lopen]: 'uu',
  [type.lcreate]: 'usuuu',
  [type.symlink]: 'ussu',
  [type.mknod]: 'usuuuu',
  [type.rename]: 'uus',
  [type.readlink]: 'u',
  [type.getattr]: 'uq',
  [type.setattr]: 'uuuuuqqqqq',
  [type.xattrwalk]: 'uus',
  [type.xattrcreate]: 'usqu',
  [type.readdir]: 'uqu',
  [type.fsync]: 'uu',
  [type.lock]: 'ubuqqus',
  [type.getlock]: 'ubqqus',
  [type.link]: 'uus',
  [type.mkdir]: 'usuu',
  [type.renameat]: 'usus',
  [type.unlinkat]: 'usu',
  [type.version]: 'us',
  [type.auth]: 'ussu',
  [type.attach]: 'uussu',
  [type.flush]: 'h',
  [type.walk]: 'uuw',
  [type.read]: 'uqu',
  [type.clunk]: 'u',
  [type.remove]: 'u',
};
const sizes: Readonly<Record<string, number>> = { b: 1, h: 2, u: 4, q: 8 };

/** A whole request. */
export interface Request {
  readonly type: number;
  readonly tag: number;
  /** The first number of four bytes that it says: the fid it is about, of all but version and flush. */
  readonly fid: number;
  /** Its strings, in turn; those of a walk too. */
  readonly strings: readonly Buffer[];
  /** Where the field of this index begins in the message. */
  readonly fieldAt: (index: number) => number;
}

/** @throws Error for a message that is not what its type says, to the byte */
export function parseRequest(message: Buffer): Request {
  const kind = message.readUInt8(4);
  const layout = layouts[kind];
  if (layout === undefined) throw new Error(`a 9P request of type ${kind}`);
  const strings: Buffer[] = [];
  const offsets: number[] = [];
  let at = headBytes;
  const string = (): void => {
    const end = at + 2 + message.readUInt16LE(at);
    if (end > message.length) throw new RangeError('a string is longer than its message');
    strings.push(message.subarray(at + 2, end));
    at = end;
  };
  for (const field of layout) {
    offsets.push(at);
    if (field === 's') string();
    else if (field === 'w') {
      const count = message.readUInt16LE(at);
      at += 2;
      for (let each = 0; each < count; each += 1) string();
    } else at += sizes[field] ?? 0;
  }
  if (at !== message.length) throw new RangeError(`a 9P request of type ${kind} with ${message.length} bytes`);
  return {
    type: kind,
    tag: message.readUInt16LE(5),
    fid: message.length >= headBytes + 4 ? message.readUInt32LE(headBytes) : 0,
    strings,
    fieldAt: (index) => offsets[index] ?? message.length,
  };
}

export function message(kind: number, tag: number, ...parts: readonly Buffer[]): Buffer {
  const head = Buffer.alloc(headBytes);
  head.writeUInt32LE(headBytes + parts.reduce((sum, part) => sum + part.length, 0), 0);
  head.writeUInt8(kind, 4);
  head.writeUInt16LE(tag, 5);
  return Buffer.concat([head, ...parts]);
}

export function number32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value >>> 0);
  return bytes;
}

export function number64(value: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(value);
  return bytes;
}

export function string(text: string): Buffer {
  const bytes = Buffer.alloc(2 + Buffer.byteLength(text));
  bytes.writeUInt16LE(bytes.length - 2);
  bytes.write(text, 2);
  return bytes;
}

/** 9P's messages, none longer than was agreed on. */
export function messageReader(longest: number, isWanted: (head: Buffer) => boolean): FrameReader {
  const lengthOf = (bytes: Buffer): number => {
    const length = bytes.readUInt32LE(0);
    const least = bytes[4] === type.write ? writeHeadBytes : headBytes;
    if (length < least || length > longest) throw new Error(`a 9P message of ${length} bytes`);
    return length;
  };
  return new FrameReader({ headBytes, lengthOf }, isWanted);
}
