// SPDX-License-Identifier: MIT
import type { HelperErrorData } from '#contract/errors.ts';

/**
 * The contract's error behind anything thrown: a failed call carries it as `data`, everything else
 * is a bug of ours. Told by shape, so that no command loads the client for its error class.
 */
export function helperErrorOf(error: unknown): HelperErrorData {
  if (error instanceof Error && 'data' in error && isErrorData(error.data)) return error.data;
  const reason = error instanceof Error ? error.message : String(error);
  return {
    code: 'internal.bug',
    params: { reason },
    causes: error instanceof Error && error.stack ? [error.stack] : [],
  };
}

function isErrorData(data: unknown): data is HelperErrorData {
  return typeof data === 'object' && data !== null && 'code' in data && 'params' in data;
}
