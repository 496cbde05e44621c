// SPDX-License-Identifier: MIT

const windowMs = 5000;

/** How fast something goes, as the mean over the last five seconds. */
export class Rate {
  #marks: { readonly atMs: number; readonly bytes: number }[] = [];

  add(bytes: number, atMs: number = Date.now()): void {
    this.#marks.push({ atMs, bytes });
    while ((this.#marks[1]?.atMs ?? atMs) < atMs - windowMs) this.#marks.shift();
  }

  /** Undefined until there is something to measure. */
  bytesPerSecond(): number | undefined {
    const [first] = this.#marks;
    const last = this.#marks.at(-1);
    if (!first || !last || last.atMs === first.atMs) return undefined;
    return Math.max(0, Math.round(((last.bytes - first.bytes) * 1000) / (last.atMs - first.atMs)));
  }
}
