// SPDX-License-Identifier: MIT

const windowMs = 5_000;
/** Over less than this a rate says nothing. */
const leastMs = 500;

export interface Rate {
  /** The mean over the last seconds. */
  readonly bytesPerSecond?: number;
  readonly secondsLeft?: number;
}

/** How fast bytes come, from how many have come at which time; for every copy and download. */
export class RateMeter {
  #samples: { readonly atMs: number; readonly bytes: number }[] = [];

  /** @param totalBytes how many there will be; undefined or 0 where nobody knows */
  note(bytes: number, totalBytes: number | undefined, atMs: number): Rate {
    const newest = this.#samples.at(-1);
    if (newest === undefined || atMs - newest.atMs >= windowMs / 50) this.#samples.push({ atMs, bytes });
    while (this.#samples.length > 2 && atMs - this.#samples[1]!.atMs > windowMs) this.#samples.shift();
    const oldest = this.#samples[0]!;
    const seconds = (atMs - oldest.atMs) / 1000;
    if (seconds * 1000 < leastMs) return {};
    const bytesPerSecond = Math.max(0, Math.round((bytes - oldest.bytes) / seconds));
    if (bytesPerSecond === 0 || totalBytes === undefined || totalBytes <= bytes) return { bytesPerSecond };
    return { bytesPerSecond, secondsLeft: Math.ceil((totalBytes - bytes) / bytesPerSecond) };
  }
}
