// SPDX-License-Identifier: MIT
import { describeError, type ErrorCode, type ErrorParams, type HelperErrorData } from '#contract/errors.ts';

/** A call that failed: the helper's own error, or why it could not be asked. The message is made for people. */
export class HelperCallError extends Error {
  readonly data: HelperErrorData;

  constructor(data: HelperErrorData, cause?: unknown) {
    super(describeError(data).message, { cause });
    this.name = 'HelperCallError';
    this.data = data;
  }

  static of(code: ErrorCode, params: ErrorParams, cause?: unknown): HelperCallError {
    return new HelperCallError({ code, params, causes: cause instanceof Error ? [cause.message] : [] }, cause);
  }

  get code(): HelperErrorData['code'] {
    return this.data.code;
  }

  /** What to do about it. */
  get hint(): string {
    return describeError(this.data).hint;
  }
}
