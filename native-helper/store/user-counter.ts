// SPDX-License-Identifier: MIT
import { randomInt } from 'node:crypto';
import { z } from 'zod';
import { sentence } from '#messages/say.ts';
import { HelperError } from '../core/errors.ts';
import { KeyedLock } from '../core/keyed-lock.ts';
import type { Logger } from '../core/log.ts';
import type { Credentials } from '../core/seams/processes.ts';
import { documentKind, type DocumentKind, loadDocument, writeDocument } from './document.ts';

export interface UserRange {
  readonly first: number;
  readonly count: number;
}

/**
 * Users for machines: outside every range that systemd and shadow give away (systemd.io/UIDS-GIDS: from 0x70000000 to
 * 0x7fffffff nothing is assigned), with no entry in passwd. Older versions of Berth used the numbers below, again and
 * again.
 */
export const machineUsers: UserRange = { first: 1_901_000_000, count: 200_000_000 };

/**
 * A state begins at one of these steps in the lower half of the range, at random: two helpers with states of their own
 * do not know of each other, and so use the same number once in ten thousand times at most.
 */
const stepCount = 10_000;

/** A number below the range is none that was noted here. */
export function counterDocument({ first }: UserRange): DocumentKind<{ schema: 1; next: number }> {
  return documentKind(z.object({ schema: z.literal(1), next: z.int().min(first) }));
}

/**
 * Gives each machine, and each conversion of an image, a user and a group that none had before: what an earlier one
 * left anywhere stays a stranger's. The number is noted durably before it is used, so one that is lost with a failed
 * launch is never given again either.
 */
export class UserCounter {
  readonly #file: string;
  readonly #log: Logger;
  readonly #range: UserRange;
  readonly #turns = new KeyedLock<'next'>();

  constructor(file: string, log: Logger, range: UserRange = machineUsers) {
    this.#file = file;
    this.#log = log;
    this.#range = range;
  }

  /**
   * `known` are users that must have been given already, whatever the file says: it may come from a backup.
   * @throws HelperError confinement.unavailable when the range is used up, storage.failed, record.newer
   */
  async take(known: readonly number[]): Promise<Credentials> {
    return await this.#turns.hold('next', async () => {
      const { first, count } = this.#range;
      const kind = counterDocument(this.#range);
      // undefined before the first machine, and where the file is no longer what we wrote: then they begin elsewhere
      const before = await loadDocument(kind, this.#file, this.#log);
      const noted = before?.next ?? first + randomInt(stepCount) * Math.floor(count / 2 / stepCount);
      const uid = Math.max(
        noted,
        ...known.filter((each) => each >= first && each < first + count).map((each) => each + 1),
      );
      if (uid >= first + count)
        throw new HelperError('confinement.unavailable', {
          layer: 'uid',
          reason: sentence('storage.users-given-away', { last: first + count - 1 }),
        });
      await writeDocument(kind, this.#file, { ...(before ?? { schema: 1 }), next: uid + 1 });
      return { uid, gid: uid };
    });
  }
}
