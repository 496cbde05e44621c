// SPDX-License-Identifier: MIT

const beatMs = 2000;
/** Times of change come from a clock that the kernel turns a few times a second. */
const clockSlackMs = 1000;

/**
 * Notices when the kernel may have lost changes: it keeps so many for a process and drops what comes beyond
 * (fs.inotify.max_queued_events), and Node does not pass on that it did. All that was kept comes in one turn of the
 * loop.
 */
export class OverflowMeter implements Disposable {
  readonly #suspicious: number;
  readonly #beat: NodeJS.Timeout;
  #inTurn = 0;
  /** The last beat, and the one before: at that time at the latest nothing waited in the kernel. */
  #beatAtMs = Date.now();
  #readAtMs = Date.now();
  #sinceMs: number | undefined;

  constructor(mostQueued: number) {
    this.#suspicious = Math.ceil(mostQueued / 2);
    this.#beat = setInterval(() => {
      this.#readAtMs = this.#beatAtMs;
      this.#beatAtMs = Date.now();
    }, beatMs);
  }

  get isSuspected(): boolean {
    return this.#sinceMs !== undefined;
  }

  /** To be called for each event. */
  note(): void {
    if (this.#inTurn === 0)
      setImmediate(() => {
        this.#inTurn = 0;
      });
    this.#inTurn += 1;
    if (this.#inTurn === this.#suspicious) this.suspect();
  }

  /** Something was lost some other way. */
  suspect(): void {
    this.#sinceMs ??= this.#readAtMs - clockSlackMs;
  }

  /** Since when changes may be missing, in milliseconds of the epoch; forgets it. */
  take(): number | undefined {
    const since = this.#sinceMs;
    this.#sinceMs = undefined;
    return since;
  }

  [Symbol.dispose](): void {
    clearInterval(this.#beat);
  }
}
