// SPDX-License-Identifier: MIT
import { constants, type Stats } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { sentence } from '#messages/say.ts';
import { HelperError } from '../core/errors.ts';
import type { Reason } from '../core/said-error.ts';

interface Expected {
  /** The file must be this user's. */
  readonly owner?: number;
  /** Neither group nor others may read or write it. */
  readonly mustBePrivate?: boolean;
  /** The file must have no second name, by which its owner's changes would reach it or ours another file. */
  readonly mustBeSingle?: boolean;
  /**
   * Of open(2): O_RDONLY unless said. Nothing is made and nothing cut off by opening: O_CREAT, O_TRUNC are the caller's
   * to avoid.
   */
  readonly flags?: number;
}

const notMine = 0o077;

/**
 * Opens a regular file and nothing else: no link is followed at its name, a FIFO does not make us wait, and what was
 * opened is checked, not its name. The directory on the way must be one that only root changes; below one that others
 * change the path comes from `at` or the file from `openBeneath`. The caller closes the handle.
 *
 * @throws NodeJS.ErrnoException of open(2): ENOENT where nothing is, ELOOP where a link is
 * @throws HelperError storage.failed where something else is than expected
 */
export async function openRegular(file: string | Buffer, expected: Expected = {}): Promise<FileHandle> {
  const handle = await open(
    file,
    (expected.flags ?? constants.O_RDONLY) | constants.O_NOFOLLOW | constants.O_NONBLOCK | constants.O_NOCTTY,
  );
  try {
    const reason = faultOf(await handle.stat(), expected);
    if (reason !== undefined)
      throw new HelperError('storage.failed', {
        action: sentence('storage.action', { action: 'open' }),
        path: String(file),
        reason,
      });
    return handle;
  } catch (error) {
    await handle.close();
    throw error;
  }
}

function faultOf(stats: Stats, { owner, mustBePrivate = false, mustBeSingle = false }: Expected): Reason | undefined {
  if (!stats.isFile()) return sentence('storage.no-regular-file');
  if (owner !== undefined && stats.uid !== owner) return sentence('storage.belongs-to-user', { uid: stats.uid });
  if (mustBePrivate && (stats.mode & notMine) !== 0)
    return sentence('storage.others-may-use', { mode: (stats.mode & 0o7777).toString(8) });
  return mustBeSingle && stats.nlink !== 1 ? sentence('storage.has-names', { count: stats.nlink }) : undefined;
}
