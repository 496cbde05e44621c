// SPDX-License-Identifier: MIT
import { HelperError, messageOf, toHelperError } from '../core/errors.ts';

/**
 * What leaves this folder: an abort as it is, what the disk refuses as a fault of the disk, a program's or system
 * call's failure as network.setup-failed.
 */
export function asNetworkError(error: unknown): unknown {
  if (error instanceof Error && error.name === 'AbortError') return error;
  if (error instanceof HelperError && error.code !== 'process.failed') return error;
  const known = error instanceof HelperError ? undefined : toHelperError(error);
  if (known && known.code !== 'internal.bug') return known;
  return new HelperError('network.setup-failed', { reason: messageOf(error) }, { cause: error });
}
