// SPDX-License-Identifier: MIT
import type { HelperErrorData } from '#contract/errors.ts';

/** An operation that ended badly, with its error where a request's failure has it. */
export class OperationFailure extends Error {
  readonly data: HelperErrorData;

  constructor(error: HelperErrorData) {
    super(JSON.stringify(error));
    this.data = error;
  }
}
