// SPDX-License-Identifier: MIT
import { z } from 'zod';
import { documentKind } from '../store/document.ts';

const consoleIndex = z.object({
  schema: z.literal(1),
  endOffset: z.int().nonnegative(),
  firstOffset: z.int().nonnegative(),
  spacingMs: z.number(),
  marks: z.array(z.tuple([z.int(), z.number()])),
});
export type ConsoleIndex = z.infer<typeof consoleIndex>;

/** When which byte of a boot's console came. */
export const consoleIndexDocument = documentKind(consoleIndex, { isCompact: true });
