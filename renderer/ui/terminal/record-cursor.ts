// SPDX-License-Identifier: MIT

export interface RecordMark {
  readonly offset: number;
  readonly at: string;
}

export interface RecordPiece {
  readonly length: number;
  /** When the piece's first byte was printed, where that is known. */
  readonly atMs: number | undefined;
  /** The record ends before this piece: what comes is new. */
  readonly isFirstLive: boolean;
}

/** What is written at once; a larger write would hold up a frame. */
const pieceBytes = 64 * 1024;

/**
 * Cuts what comes from a stream into pieces that end at marks and where the record ends, so that each mark's time lands
 * on its line.
 */
export class RecordCursor {
  readonly #marks: readonly RecordMark[];
  readonly #liveFrom: number;
  #offset: number;
  #nextMark = 0;

  constructor(offset: number, marks: readonly RecordMark[], liveFrom: number) {
    this.#offset = offset;
    this.#marks = marks;
    this.#liveFrom = liveFrom;
  }

  get offset(): number {
    return this.#offset;
  }

  /** The next piece of `available` bytes, one at least. `nowMs` is the time of what is new. */
  next(available: number, nowMs: number): RecordPiece {
    const offset = this.#offset;
    const markedMs = this.#markAt(offset);
    const length = Math.min(pieceBytes, available, this.#nextEdge(offset) - offset);
    this.#offset += length;
    return {
      length,
      atMs: markedMs ?? (offset >= this.#liveFrom ? nowMs : undefined),
      isFirstLive: offset === this.#liveFrom,
    };
  }

  #markAt(offset: number): number | undefined {
    while ((this.#marks[this.#nextMark]?.offset ?? Number.POSITIVE_INFINITY) < offset) this.#nextMark += 1;
    const mark = this.#marks[this.#nextMark];
    if (mark?.offset !== offset) return undefined;
    this.#nextMark += 1;
    return Date.parse(mark.at);
  }

  #nextEdge(offset: number): number {
    const mark = this.#marks[this.#nextMark]?.offset ?? Number.POSITIVE_INFINITY;
    const end = offset < this.#liveFrom ? this.#liveFrom : Number.POSITIVE_INFINITY;
    return Math.max(offset + 1, Math.min(mark, end));
  }
}
