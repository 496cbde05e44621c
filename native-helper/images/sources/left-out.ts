// SPDX-License-Identifier: MIT
import type { LeftOutEntries } from '#contract/images.ts';
import { visibleText } from '#contract/visible-text.ts';

const mostReasons = 20;
const longestReason = 300;

/**
 * Collects which entries of a list cannot be used, so that each costs itself alone; the first of them with the reason.
 */
export class LeftOut {
  readonly #reasons: string[] = [];
  #count = 0;

  /** Undefined where every entry was used. */
  get entries(): LeftOutEntries | undefined {
    return this.#count === 0 ? undefined : { count: this.#count, reasons: [...this.#reasons] };
  }

  /** `entry` is the list's own name for it, which may be any text. */
  note(entry: string, reason: string): void {
    this.add({ count: 1, reasons: [visibleText(`${entry.slice(0, 120)}: ${reason}`).slice(0, longestReason)] });
  }

  add(entries: LeftOutEntries | undefined): void {
    if (entries === undefined) return;
    this.#count += entries.count;
    this.#reasons.push(...entries.reasons.slice(0, mostReasons - this.#reasons.length));
  }
}
