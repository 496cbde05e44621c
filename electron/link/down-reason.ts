// SPDX-License-Identifier: MIT
import { join } from 'node:path';
import type { LinkState } from '#contract/desktop.ts';
import { describeError } from '#contract/errors.ts';
import { socketNames } from '#contract/protocol.ts';
import { errorData } from './error-data.ts';

export type DownState = Extract<LinkState, { state: 'down' }>;

/**
 * Tells from a failed connect why the helper is not reached: a missing socket, one that this user
 * may not open, one that nobody listens on, or a helper of another version (connect(2) for the
 * errno names).
 */
export function downReason(runDirectory: string, error: unknown): DownState {
  const path = join(runDirectory, socketNames.rpc);
  const data = errorData(error);
  if (data.code === 'helper.version-mismatch') {
    return { state: 'down', reason: 'version-mismatch', path, detail: describeError(data).message };
  }
  const detail = String(data.params.reason ?? describeError(data).message);
  switch (data.params.errno ?? (error as NodeJS.ErrnoException | null)?.code) {
    case 'ENOENT':
    case 'ENOTDIR':
      return { state: 'down', reason: 'no-socket', path, detail };
    case 'EACCES':
    case 'EPERM':
      return { state: 'down', reason: 'no-permission', path, detail };
    default:
      return { state: 'down', reason: 'refused', path, detail };
  }
}
