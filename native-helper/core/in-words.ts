// SPDX-License-Identifier: MIT
import type { Sentence } from '#messages/sentence.ts';
import { englishOf } from './said-error.ts';

/** What is told, with sentences in the place of texts. */
export type InSentences<Told> = {
  readonly [Field in keyof Told]: string extends Told[Field] ? Told[Field] | Sentence : Told[Field];
};

/**
 * What is told as clients take it: texts in English, and the sentences that they are beside them, for those who do not
 * read English.
 */
export function inWords<Told extends { readonly sentences?: unknown }>(fields: InSentences<Told>): Told {
  const given = Object.entries(fields) as [string, unknown][];
  const sentences = Object.fromEntries(given.filter((each): each is [string, Sentence] => isSentence(each[1])));
  const words = given.map(([field, value]) => [field, isSentence(value) ? englishOf(value) : value] as const);
  return {
    ...Object.fromEntries(words),
    ...(Object.keys(sentences).length === 0 ? {} : { sentences }),
  } as unknown as Told;
}

/** Arrays and objects that are told have no `id` and `values` alone; a sentence has nothing else. */
function isSentence(value: unknown): value is Sentence {
  return (
    typeof value === 'object' &&
    value !== null &&
    'id' in value &&
    typeof value.id === 'string' &&
    Object.keys(value).every((key) => key === 'id' || key === 'values')
  );
}
