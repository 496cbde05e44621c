// SPDX-License-Identifier: MIT
import { z } from 'zod';
import { documentKind } from '../../store/document.ts';
import { digestRecord } from '../../store/record-values.ts';

const book = z.object({
  schema: z.literal(1),
  /** Those of versions that did not ask whose they are: they count for everybody, and none is added. */
  digests: z.record(z.string(), digestRecord).default({}),
  /** By user id; of each user the oldest first. */
  users: z.record(z.string(), z.array(digestRecord.extend({ url: z.string() }))).default({}),
});
export type FirstUseBook = z.infer<typeof book>;

export const firstUseDocument = documentKind(book, {
  identities: { 'users.*': ['url', 'hex'], 'digests.*': 'whole' },
  isCompact: true,
});
