// SPDX-License-Identifier: MIT
import { describeError, type ErrorCode, type ErrorParams, type HelperErrorData } from '#contract/errors.ts';

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

/** Anything thrown, as an error with a code: an abort is a cancellation, the unforeseen is `internal.bug`. */
export function toHelperError(error: unknown): HelperError {
  if (error instanceof HelperError) return error;
  if (error instanceof Error && error.name === 'AbortError') return new HelperError('operation.cancelled', {}, { cause: error });
  return new HelperError('internal.bug', { reason: messageOf(error) }, { cause: error });
}

/** The wire form of an error. */
export function toErrorData(error: HelperError): HelperErrorData {
  return {
    code: error.code,
    params: error.params,
    ...(error.phase === undefined ? {} : { phase: error.phase }),
    ...(error.consoleTail === undefined ? {} : { consoleTail: [...error.consoleTail] }),
    causes: causesOf(error),
  };
}

/** The message of whatever was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function causesOf(error: Error): string[] {
  const causes: string[] = [];
  for (let cause = error.cause; cause instanceof Error && causes.length < 8; cause = cause.cause) causes.push(cause.message);
  return causes;
}
