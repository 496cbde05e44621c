// SPDX-License-Identifier: MIT
import { capitalised } from '#contract/capitalised.ts';
import { isKnown, wordOf, type LaterValue } from '#contract/open-enum.ts';

/** The words for a value; for one that a later helper brought, the value itself as a word. */
export function wordIn<Known extends string>(
  table: Readonly<Record<Known, string>>,
  value: Known | LaterValue,
): string {
  if (isKnown(table, value)) return table[value];
  return capitalised(wordOf(value));
}
