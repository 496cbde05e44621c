// SPDX-License-Identifier: MIT
import type { Envelope } from '#contract/desktop.ts';
import { helperErrorData, type HelperErrorData } from '#contract/errors.ts';

/**
 * The error as data for the window. Errors of the helper carry theirs; anything else is a defect
 * and says so, without a stack, for a window shows it to a person.
 */
export function errorData(error: unknown): HelperErrorData {
  const carried = helperErrorData.safeParse((error as { data?: unknown } | null)?.data);
  if (carried.success) return carried.data;
  return {
    code: 'internal.bug',
    params: { reason: error instanceof Error ? error.message : String(error) },
    causes: [],
  };
}

/** The envelope of an error. */
export function failure(error: HelperErrorData): Envelope {
  return { ok: false, error };
}

/** An error of the link's own with data, so that {@link errorData} gives it back. */
export class LinkError extends Error {
  readonly data: HelperErrorData;

  constructor(code: HelperErrorData['code'], params: HelperErrorData['params']) {
    super(`${code}: ${Object.values(params).join(', ')}`);
    this.name = 'LinkError';
    this.data = { code, params, causes: [] };
  }
}
