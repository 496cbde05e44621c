// SPDX-License-Identifier: MIT

/** What file systems give away at once. */
const blockBytes = 4096;
/** A shorter hole costs more in requests than it saves in bytes. */
const leastHoleBytes = 4 * blockBytes;
const zeros = Buffer.alloc(1024 ** 2);

export interface Piece {
  readonly bytes: Buffer;
  /** All of it is zeros, so that nothing need be written. */
  readonly isHole: boolean;
}

/**
 * The pieces of a part of a file, in order. Node has no SEEK_DATA, and SFTP has none either, so holes are known by
 * their zeros: to read those costs nothing beside sending them.
 */
export function* piecesOf(bytes: Buffer): Generator<Piece> {
  let from = 0;
  for (const hole of holesIn(bytes)) {
    if (hole.from > from) yield { bytes: bytes.subarray(from, hole.from), isHole: false };
    yield { bytes: bytes.subarray(hole.from, hole.to), isHole: true };
    from = hole.to;
  }
  if (from < bytes.length) yield { bytes: bytes.subarray(from), isHole: false };
}

function* holesIn(bytes: Buffer): Generator<{ readonly from: number; readonly to: number }> {
  if (isZero(bytes)) return yield { from: 0, to: bytes.length };
  let from: number | undefined;
  for (let at = 0; at < bytes.length; at += blockBytes) {
    if (isZero(bytes.subarray(at, at + blockBytes))) {
      from ??= at;
    } else {
      if (from !== undefined && at - from >= leastHoleBytes) yield { from, to: at };
      from = undefined;
    }
  }
  if (from !== undefined && bytes.length - from >= leastHoleBytes) yield { from, to: bytes.length };
}

function isZero(bytes: Buffer): boolean {
  if (bytes.length === 0 || bytes[0] !== 0) return false;
  for (let at = 0; at < bytes.length; at += zeros.length) {
    const part = bytes.subarray(at, at + zeros.length);
    if (!part.equals(zeros.subarray(0, part.length))) return false;
  }
  return true;
}
