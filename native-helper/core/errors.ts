// SPDX-License-Identifier: MIT
import { describeError, withWords, type ErrorCode, type ErrorParams, type HelperErrorData } from '#contract/errors.ts';
import { beginningOf } from './beginning-of.ts';
import { foreignLine, foreignWords } from './foreign-words.ts';

/** errno(3): no room, or none left of a user's share. */
const fullDisk = ['ENOSPC', 'EDQUOT'];
const diskFaults = [...fullDisk, 'EROFS', 'EIO'];
/** Programs and guests say what they like, and events carry it. */
const mostTextLength = 1000;
const mostTailLines = 20;

interface HelperErrorOptions {
  readonly cause?: unknown;
  readonly phase?: string;
  readonly consoleTail?: readonly string[];
}

/**
 * The only kind of error that crosses a folder's boundary in the helper: a stable code with its
 * parameters. The sentence is made from the contract's template, so it is written once.
 */
export class HelperError extends Error {
  readonly code: ErrorCode;
  readonly params: ErrorParams;
  readonly phase: string | undefined;
  readonly consoleTail: readonly string[] | undefined;

  constructor(code: ErrorCode, params: ErrorParams = {}, options: HelperErrorOptions = {}) {
    super(describeError({ code, params }).message, { cause: options.cause });
    this.name = 'HelperError';
    this.code = code;
    this.params = params;
    this.phase = options.phase;
    this.consoleTail = options.consoleTail;
  }
}

/**
 * Anything thrown, as an error with a code: an abort is a cancellation, what a disk refuses is said of the disk, the
 * unforeseen is `internal.bug`.
 */
export function toHelperError(error: unknown): HelperError {
  if (error instanceof HelperError) return error;
  // it came first; what failed after it came of the undoing
  if (error instanceof SuppressedError) return toHelperError(error.suppressed);
  if (error instanceof Error && error.name === 'AbortError')
    return new HelperError('operation.cancelled', {}, { cause: error });
  const { code = '', path, syscall = 'use' } = error as NodeJS.ErrnoException;
  if (diskFaults.includes(code)) return storageError(syscall, path ?? 'a file', error);
  return new HelperError('internal.bug', { reason: messageOf(error) }, { cause: error });
}

/**
 * Why a file could not be changed or read: that there is no room has a code of its own. What has a code already keeps
 * it.
 */
export function storageError(action: string, path: string, error: unknown): HelperError {
  if (error instanceof HelperError) return error;
  const isFull = fullDisk.includes((error as NodeJS.ErrnoException).code ?? '');
  return isFull
    ? new HelperError('storage.disk-full', { path, free: '0 bytes', needed: '1 MiB' }, { cause: error })
    : new HelperError('storage.failed', { action, path, reason: messageOf(error) }, { cause: error });
}

/** The form of an error on the wire, in events and in records: whoever had a word in it, it is of a bounded size. */
export function toErrorData(error: HelperError): HelperErrorData {
  return withWords({
    code: error.code,
    params: boundedParams(error.params),
    ...(error.phase === undefined ? {} : { phase: error.phase }),
    ...(error.consoleTail === undefined
      ? {}
      : { consoleTail: error.consoleTail.slice(-mostTailLines).map((line) => foreignLine(line)) }),
    causes: causesOf(error),
  });
}

/** The message of whatever was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function causesOf(error: Error): string[] {
  const causes: string[] = [];
  for (let cause = error.cause; cause instanceof Error && causes.length < 8; cause = cause.cause)
    causes.push(foreignWords(cause.message, mostTextLength));
  return causes;
}

/** Names and paths stay what they are; what somebody said is made readable. */
function boundedParams(params: ErrorParams): ErrorParams {
  return Object.fromEntries(
    Object.entries(params).map(([key, value]) => {
      if (typeof value === 'number') return [key, value];
      return [key, key === 'reason' ? foreignWords(value, mostTextLength) : cut(value)];
    }),
  );
}

function cut(text: string): string {
  return text.length <= mostTextLength ? text : `${beginningOf(text, mostTextLength)}…`;
}
