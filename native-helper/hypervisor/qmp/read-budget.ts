// SPDX-License-Identifier: MIT

/** What may come at once, and what is given back each second. QEMU in earnest sends a few kilobytes a minute. */
const bytes = { most: 2 * 1024 ** 2, perSecond: 64 * 1024 } as const;
/** Messages that answer no command. */
const unasked = { most: 500, perSecond: 20 } as const;

/** How fast QEMU may speak: one that an attacker has cannot keep the helper busy, nor fill its log. */
export class ReadBudget {
  #bytes: number = bytes.most;
  #unasked: number = unasked.most;
  #lastMs: number;

  constructor(nowMs: number) {
    this.#lastMs = nowMs;
  }

  /** Takes note of what was read; returns for how many milliseconds nothing more may be. */
  spend(nowMs: number, read: { readonly bytes: number; readonly unasked: number }): number {
    const seconds = (nowMs - this.#lastMs) / 1000;
    this.#lastMs = nowMs;
    this.#bytes = Math.min(bytes.most, this.#bytes + seconds * bytes.perSecond) - read.bytes;
    this.#unasked = Math.min(unasked.most, this.#unasked + seconds * unasked.perSecond) - read.unasked;
    return Math.ceil(1000 * Math.max(0, -this.#bytes / bytes.perSecond, -this.#unasked / unasked.perSecond));
  }
}
