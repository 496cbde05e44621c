// SPDX-License-Identifier: MIT
import { describeError } from '#contract/errors.ts';
import type { BrokenRecord } from '../store/stored-instance.ts';

/** Why an instance is broken, in sentences: what is wrong with its record, and where that lies. */
export function brokenReason({ fault, aside }: Pick<BrokenRecord, 'fault' | 'aside'>): string {
  const { message } = describeError(fault);
  if (aside === undefined) return message;
  return `${message} ${describeError({ code: 'record.set-aside', params: { path: aside } }).message}`;
}
