// SPDX-License-Identifier: MIT
import { constants } from 'node:fs';
import { messageOf } from '../../core/errors.ts';
import type { Logger } from '../../core/log.ts';
import { keepNewest } from '../../posix/keep-newest.ts';
import { openRegular } from '../../posix/open-regular.ts';
import { watchChanges, type ChangeWatch } from '../../posix/watch-changes.ts';

/** What QEMU says in earnest in months. */
const logBounds = { keptBytes: 256 * 1024, mostBytes: 1024 * 1024 } as const;
const lookSpacingMs = 100;
const retryMs = 10_000;

/** Keeps the log of a machine within bounds while it runs. The newest lines stay, at the offsets that they have. */
export class LogKeeper {
  readonly #file: string;
  readonly #log: Logger;
  #watcher: ChangeWatch | undefined;
  #nextLook: NodeJS.Timeout | undefined;
  #hasEnded = false;

  constructor(file: string, log: Logger) {
    this.#file = file;
    this.#log = log;
    this.#lookSoon();
  }

  end(): void {
    this.#hasEnded = true;
    this.#watcher?.close();
    clearTimeout(this.#nextLook);
  }

  /** An event for each write would be work for each: until the look the kernel is not asked for more. */
  #lookSoon(waitMs: number = lookSpacingMs): void {
    this.#watcher?.close();
    this.#watcher = undefined;
    if (this.#hasEnded || this.#nextLook) return;
    this.#nextLook = setTimeout(() => {
      this.#nextLook = undefined;
      void this.#look().catch((error: unknown) => {
        this.#log.warn({ file: this.#file, reason: messageOf(error) }, 'the log of a machine could not be looked at');
        this.#lookSoon(retryMs); // short of descriptors or watches for a moment, perhaps
      });
    }, waitMs).unref();
  }

  async #look(): Promise<void> {
    await using handle = await openRegular(this.#file, { flags: constants.O_RDWR });
    if (this.#hasEnded) return;
    this.#watcher = watchChanges(this.#file, {
      onChange: () => this.#lookSoon(),
      onError: () => this.#lookSoon(retryMs),
      holdsProcess: false,
    });
    await keepNewest(handle, logBounds);
  }
}
