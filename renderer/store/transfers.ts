// SPDX-License-Identifier: MIT
import type { LinkMessage } from '#contract/desktop.ts';
import type { Transfer } from '#contract/transfers.ts';

export interface TransfersSlice {
  /** Copies that run, and those that ended and were not put away; oldest first. */
  readonly transfers: readonly Transfer[];
}

export const initialTransfers: TransfersSlice = { transfers: [] };

export function reduceTransfers(_slice: TransfersSlice, message: LinkMessage): Partial<TransfersSlice> {
  return message.kind === 'transfers' ? { transfers: message.transfers } : {};
}
