// SPDX-License-Identifier: MIT
import { englishOf, type Reason } from '../../core/said-error.ts';
import type { FetchFault } from '../fetch/fetch-request.ts';

/** A request under way failed; `kind` says whether another attempt makes sense. */
export class TransferFault extends Error {
  readonly kind: FetchFault['kind'];
  readonly reason: Reason;
  readonly isOfProxy: boolean;
  constructor({ kind, reason, isOfProxy = kind === 'proxy' }: FetchFault) {
    super(englishOf(reason));
    this.reason = reason;
    this.kind = kind;
    this.isOfProxy = isOfProxy;
  }
}
