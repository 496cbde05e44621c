// SPDX-License-Identifier: MIT
import { capitalised } from '#contract/capitalised.ts';
import { wordOf, type LaterValue } from '#contract/open-enum.ts';
import type { TextId } from '#messages/en/index.ts';
import { saySentence } from '#messages/say.ts';

/**
 * The words for a value; for one that a later helper brought, the value itself as a word.
 *
 * @param family - what their ids begin with: `activity.state` has `activity.state-running`, and so for every value.
 */
export function wordIn<Family extends string, Known extends string>(
  family: Family & (`${Family}-${Exclude<Known, LaterValue>}` extends TextId ? unknown : never),
  value: Known,
  otherwise = capitalised(wordOf(value)),
): string {
  return saySentence({ id: `${family}-${value}` }) ?? otherwise;
}
