// SPDX-License-Identifier: MIT
/** A copy that could not begin, or could not go on: a sentence for people. */
export class CopyError extends Error {
  constructor(message: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'CopyError';
  }
}
