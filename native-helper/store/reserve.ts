// SPDX-License-Identifier: MIT
import { constants } from 'node:fs';
import { lstat, open, rm } from 'node:fs/promises';
import path from 'node:path';
import { HelperError, messageOf } from '../core/errors.ts';
import type { Logger } from '../core/log.ts';
import { freeBytes } from '../posix/free-bytes.ts';
import { setAside } from './set-aside.ts';

/** Enough for many journal entries and records, also where others take some of it at once. */
const reserveBytes = 4 * 1024 ** 2;
/** Below that it would be made of the last room there is. */
const roomBytes = 16 * 1024 ** 2;
/** A link is not followed, and a pipe not waited for. */
const writeHere =
  constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/**
 * A file that takes room so that there is some for what gives room back, such as a delete and a purge, when the disk is
 * full.
 */
export class Reserve {
  readonly #file: string;
  readonly #log: Logger;

  constructor(file: string, log: Logger) {
    this.#file = file;
    this.#log = log;
  }

  /** Makes it, where it is not there and there is room for it. What lies in its place is set aside. */
  async ensure(): Promise<void> {
    try {
      const found = await lstat(this.#file).catch(() => undefined);
      if (found?.isFile() === true && found.size === reserveBytes) return;
      if (found !== undefined && !found.isFile()) await this.#setAside();
      if ((await freeBytes(path.dirname(this.#file))) < roomBytes) return;
      await using handle = await open(this.#file, writeHere, 0o600);
      await handle.writeFile(Buffer.alloc(reserveBytes)); // written, not cut to length: a hole takes no room
    } catch (error) {
      this.#log.warn({ reason: messageOf(error) }, 'no room could be kept back for a full disk');
    }
  }

  /** Does a write that leads to more room. Where there is none for it, the reserve is given up first. */
  async whenFull<Result>(write: () => Promise<Result>): Promise<Result> {
    try {
      return await write();
    } catch (error) {
      if (!(error instanceof HelperError) || error.code !== 'storage.disk-full') throw error;
      await rm(this.#file, { force: true });
      return await write();
    }
  }

  async #setAside(): Promise<void> {
    const aside = await setAside(this.#file);
    this.#log.warn({ aside }, 'something else was in the place of the reserve');
  }
}
