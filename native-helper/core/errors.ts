// SPDX-License-Identifier: MIT
import { describeError, withWords, type ErrorCode, type ErrorParams, type HelperErrorData } from '#contract/errors.ts';
import { inEnglish, sentence } from '#messages/say.ts';
import type { Sentence, ToldSentence } from '#messages/sentence.ts';
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

/** What fills the places of an error: names and numbers, and sentences of the catalogue. */
type GivenParams = Readonly<Record<string, string | number | Sentence>>;

/**
 * The only kind of error that crosses a folder's boundary in the helper: a stable code with its
 * parameters. The sentence is made from the contract's template, so it is written once.
 */
export class HelperError extends Error {
  readonly code: ErrorCode;
  readonly params: ErrorParams;
  /** Those of the parameters that are sentences; `params` has them in English. */
  readonly sentences: Readonly<Record<string, Sentence>>;
  readonly phase: string | undefined;
  readonly consoleTail: readonly string[] | undefined;

  constructor(code: ErrorCode, given: GivenParams = {}, options: HelperErrorOptions = {}) {
    const params = mapped(given, (value) => (typeof value === 'object' ? inEnglish(value) : value));
    super(describeError({ code, params }).message, { cause: options.cause });
    this.name = 'HelperError';
    this.code = code;
    this.params = params;
    this.sentences = Object.fromEntries(
      Object.entries(given).filter((each): each is [string, Sentence] => typeof each[1] === 'object'),
    );
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
  if (diskFaults.includes(code)) return storageError(syscall, path ?? sentence('storage.a-file'), error);
  return new HelperError('internal.bug', { reason: messageOf(error) }, { cause: error });
}

/**
 * Why a file could not be changed or read: that there is no room has a code of its own. What has a code already keeps
 * it.
 */
export function storageError(action: string, path: string | Sentence, error: unknown): HelperError {
  if (error instanceof HelperError) return error;
  const isFull = fullDisk.includes((error as NodeJS.ErrnoException).code ?? '');
  return isFull
    ? new HelperError('storage.disk-full', { path, free: '0 bytes', needed: '1 MiB' }, { cause: error })
    : new HelperError(
        'storage.failed',
        { action: sentence('storage.action', { action }), path, reason: messageOf(error) },
        { cause: error },
      );
}

/** The form of an error on the wire, in events and in records: whoever had a word in it, it is of a bounded size. */
export function toErrorData(error: HelperError): HelperErrorData {
  return withWords({
    code: error.code,
    params: boundedParams(error.params),
    ...(Object.keys(error.sentences).length === 0 ? {} : { sentences: mapped(error.sentences, bounded) }),
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
  return mapped(params, (value, place) => {
    if (typeof value === 'number') return value;
    return place === 'reason' ? foreignWords(value, mostTextLength) : cut(value);
  });
}

function bounded({ id, values }: ToldSentence): ToldSentence {
  if (values === undefined) return { id };
  return {
    id,
    values: mapped(values, (value) => {
      if (typeof value === 'number') return value;
      return typeof value === 'string' ? foreignWords(value, mostTextLength) : bounded(value);
    }),
  };
}

function mapped<In, Out>(
  table: Readonly<Record<string, In>>,
  change: (each: In, key: string) => Out,
): Record<string, Out> {
  return Object.fromEntries(Object.entries(table).map(([key, each]) => [key, change(each, key)]));
}

function cut(text: string): string {
  return text.length <= mostTextLength ? text : `${beginningOf(text, mostTextLength)}…`;
}
