// SPDX-License-Identifier: MIT
import type { Sentence } from '#messages/sentence.ts';
import type { KnownOf } from '#contract/open-enum.ts';
import { HelperError } from './errors.ts';

/**
 * A word of a record that something is decided by: one that a later version of Berth brought decides nothing here.
 * @throws HelperError record.later-value
 */
export function requireKnown<Value extends string>(
  value: Value,
  known: readonly KnownOf<Value>[],
  what: Sentence,
): KnownOf<Value> {
  const found = known.find((each) => each === value);
  if (found === undefined) throw new HelperError('record.later-value', { what, value });
  return found;
}
