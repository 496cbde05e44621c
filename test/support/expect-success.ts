// SPDX-License-Identifier: MIT
import type { OperationSummary } from '#contract/operations.ts';

/** Throws when an operation did not succeed, with all that the helper said of why: a report must tell the cause. */
export function expectSuccess(operation: OperationSummary): void {
  if (operation.state !== 'succeeded')
    throw new Error(
      `${operation.kind} of ${operation.target} ${operation.state}: ${JSON.stringify(operation.error, undefined, 2)}`,
    );
}
