// SPDX-License-Identifier: MIT
import type { OperationAccepted } from '#contract/instances.ts';

/** An operation that was asked for: its answer, and what to call it on the progress line. */
export interface Followed {
  readonly accepted: OperationAccepted;
  readonly label: string;
}
