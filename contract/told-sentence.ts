// SPDX-License-Identifier: MIT
import { z } from 'zod';
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
