// SPDX-License-Identifier: MIT
import { z } from 'zod';
import { saySentence } from '#messages/say.ts';
import type { ToldSentence } from '#messages/sentence.ts';

const id = z.string().max(100);
const plainValue = z.union([z.string(), z.number()]);

/**
 * A message of the catalogue with what stands in its places, as it travels beside its English words. A place may hold a
 * sentence, which holds none.
 */
export const toldSentence: z.ZodType<ToldSentence> = z.object({
  id,
  values: z
    .record(z.string(), z.union([plainValue, z.object({ id, values: z.record(z.string(), plainValue).optional() })]))
    .optional(),
});

/**
 * The sentences that texts beside them are, by the names of their fields: for whoever does not read English. Where a
 * later version tells them otherwise, the texts are there all the same, so they never make unreadable what they belong
 * to.
 */
export const toldSentences = z.record(z.string(), toldSentence).optional().catch(undefined);

/** What was told, in the language of this program; a text whose sentence it does not have stays as it is. */
export function inOwnWords<Told extends { readonly sentences?: Readonly<Record<string, ToldSentence>> | undefined }>(
  told: Told,
): Told {
  return { ...told, ...saidHere(told.sentences) };
}

/** Sentences in the language of this program, without those that it does not have. */
export function saidHere(sentences: Readonly<Record<string, ToldSentence>> = {}): Readonly<Record<string, string>> {
  const said = Object.entries(sentences).map(([field, sentence]) => [field, saySentence(sentence)] as const);
  return Object.fromEntries(said.filter((each): each is [string, string] => each[1] !== undefined));
}
