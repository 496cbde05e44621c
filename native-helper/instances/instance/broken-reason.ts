// SPDX-License-Identifier: MIT
import type { ErrorCode } from '#contract/errors.ts';
import { describeError } from '#contract/errors.ts';
import type { InstanceName } from '#contract/names.ts';
import type { BrokenRecord } from '../../store/stored-instance.ts';

/** Whose own hint is all of the way out: nothing is lost there, and who purges loses what is whole. */
const whole: readonly ErrorCode[] = ['record.newer', 'record.copied', 'record.one-of-copies'];

/** Why an instance is broken, in sentences: what is wrong with its record, and where that lies. */
export function brokenReason({ fault, aside }: Pick<BrokenRecord, 'fault' | 'aside'>): string {
  const { message } = describeError(fault);
  if (aside === undefined) return message;
  return `${message} ${describeError({ code: 'record.set-aside', params: { path: aside } }).message}`;
}

/** The way out of that, in sentences. */
export function brokenHint(name: InstanceName, { fault }: Pick<BrokenRecord, 'fault'>): string {
  const { hint } = describeError(fault);
  return whole.includes(fault.code) ? hint : `${hint} Or permanently delete the instance with berth purge ${name}.`;
}
