// SPDX-License-Identifier: MIT

export interface TimeMark {
  readonly offset: number;
  readonly atMs: number;
}

const mostMarks = 8_192;
const firstSpacingMs = 100;

/**
 * When which byte of a console record was printed. Marks are as dense as they can be within a bound:
 * at the bound every second one is dropped and the spacing doubled, so a console that printed for a
 * year has as many marks as one that printed for an hour.
 */
export class TimeMarks {
  #marks: TimeMark[];
  #spacingMs: number;

  constructor(marks: readonly TimeMark[] = [], spacingMs = firstSpacingMs) {
    this.#marks = [...marks];
    this.#spacingMs = spacingMs;
  }

  get all(): readonly TimeMark[] {
    return this.#marks;
  }

  get spacingMs(): number {
    return this.#spacingMs;
  }

  /** Bytes from `offset` on were printed at `atMs`. */
  add(offset: number, atMs: number): void {
    const last = this.#marks.at(-1);
    if (last && atMs - last.atMs < this.#spacingMs) return;
    this.#marks.push({ offset, atMs });
    if (this.#marks.length <= mostMarks) return;
    this.#marks = this.#marks.filter((_, index) => index % 2 === 0);
    this.#spacingMs *= 2;
  }
}
