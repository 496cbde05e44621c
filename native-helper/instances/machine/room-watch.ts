// SPDX-License-Identifier: MIT
import path from 'node:path';
import { messageOf } from '../../core/errors.ts';
import type { Logger } from '../../core/log.ts';
import type { MachineSpec } from '../../core/seams/machine-spec.ts';
import { freeBytes } from '../../posix/free-bytes.ts';
import type { Boot } from '../boot/boot.ts';
import { pauseOf } from './paused.ts';

/** With less than this a machine would stand again before anybody saw it run. */
const leastBytes = 16 * 1024 ** 2;
const firstLookMs = 1000;
const longestMs = 30_000;
/** One that ran for so long had the room it needed: the next want of room is a new one. */
const settledMs = 60_000;

/** Whether a machine that was paused for want of room may be let go on. */
export async function hasRoom({ disks }: MachineSpec): Promise<boolean> {
  const written = disks.filter(({ isReadOnly }) => !isReadOnly).map((disk) => path.dirname(disk.path));
  const free = await Promise.all([...new Set(written)].map((directory) => freeBytes(directory)));
  return free.every((bytes) => bytes >= leastBytes);
}

/**
 * Lets a machine go on that was paused for want of room, once there is some. No event tells of that: fanotify(7) and
 * inotify(7) know files, and statfs(2) answers only who asks. So it is asked while the machine stands, after a wait
 * that doubles up to half a minute. One that stands again at once, because a quota or a pool below the file system is
 * what is full, waits on as long.
 */
export class RoomWatch {
  readonly #boot: Boot;
  readonly #log: Logger;
  readonly #ending = new AbortController();
  #timer: NodeJS.Timeout | undefined;
  #waitMs = firstLookMs;
  #wentOnMs = 0;

  constructor(boot: Boot, log: Logger) {
    this.#boot = boot;
    this.#log = log;
    this.look();
  }

  /** To be called when the machine may have been paused or gone on. */
  look(): void {
    if (!this.#isWaiting()) {
      clearTimeout(this.#timer);
      this.#timer = undefined;
      this.#wentOnMs = performance.now();
      return;
    }
    if (this.#timer) return;
    if (performance.now() - this.#wentOnMs > settledMs) this.#waitMs = firstLookMs;
    this.#timer = setTimeout(() => void this.#goOn(), this.#waitMs).unref();
    this.#waitMs = Math.min(this.#waitMs * 2, longestMs);
  }

  end(): void {
    this.#ending.abort();
    clearTimeout(this.#timer);
  }

  #isWaiting(): boolean {
    return pauseOf(this.#boot)?.reason === 'no-space' && !this.#ending.signal.aborted;
  }

  async #goOn(): Promise<void> {
    const { spec, machine } = this.#boot;
    try {
      if ((await hasRoom(spec)) && this.#isWaiting()) await machine.resume(this.#ending.signal);
    } catch (error) {
      if (this.#ending.signal.aborted) return;
      this.#log.warn(
        { instance: spec.instance, reason: messageOf(error) },
        'a machine that waits for room could not be let go on; it is tried again',
      );
    }
    this.#timer = undefined;
    this.look();
  }
}
