// SPDX-License-Identifier: MIT
import { z } from 'zod';
import { foreignWords } from '../core/foreign-words.ts';
import { ProtocolViolation } from './lanes/frames.ts';
import { mostReasonLength, type Answer } from './ssh-process/messages.ts';

const id = z.int().positive();
const words = (most: number): z.ZodType<string> =>
  z
    .string()
    .max(most)
    .transform((text) => foreignWords(text, most));
const answer = z.discriminatedUnion('did', [
  z.strictObject({ id, did: z.literal('begin'), greeting: words(255).optional() }),
  z.strictObject({ id, did: z.literal('fail'), isForeign: z.boolean().optional(), reason: words(mostReasonLength) }),
  z.strictObject({
    id,
    did: z.literal('end'),
    end: z
      .strictObject({
        exitCode: z
          .int()
          .min(0)
          .max(2 ** 32 - 1)
          .optional(),
        signal: words(32).optional(),
      })
      .optional(),
  }),
]);

/**
 * What a guest's SSH process said, which is believed in nothing but its form; its words are for one line of a terminal.
 * @throws ProtocolViolation
 */
export function readAnswer(message: unknown): Answer {
  const parsed = answer.safeParse(message);
  if (!parsed.success) throw new ProtocolViolation('an answer of no known form');
  return parsed.data;
}
