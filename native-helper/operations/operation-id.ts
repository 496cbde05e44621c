// SPDX-License-Identifier: MIT
import { randomBytes } from 'node:crypto';
import type { OperationId } from '#contract/names.ts';

/** Sorts by time of start: milliseconds in base 36, then 40 random bits. */
export function newOperationId(): OperationId {
  const random = randomBytes(5).readUIntBE(0, 5).toString(36).padStart(8, '0');
  return `op-${Date.now().toString(36)}${random}` as OperationId;
}
