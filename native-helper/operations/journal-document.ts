// SPDX-License-Identifier: MIT
import { z } from 'zod';
import { operationId, timestamp } from '#contract/names.ts';
import { documentKind } from '../store/document.ts';

/** What a new helper has to know of an operation that was under way when the last one ended. */
const journalEntry = z.object({
  schema: z.literal(1),
  id: operationId,
  /** A word of the contract; nothing is done about one of a later version's, which is over with its helper. */
  kind: z.string().regex(/^[a-z0-9][a-z0-9._-]{0,63}$/i),
  target: z.string(),
  ownerUid: z.int(),
  actor: z.object({ uid: z.int(), gid: z.int(), pid: z.int() }),
  startedAt: timestamp,
  /** The point of no return was reached: to be finished rather than undone. */
  isPastReturn: z.boolean(),
  /** What the operation was started with, as its starter chose to keep it. */
  data: z.unknown().optional(),
  /** Empty, and read by nobody; an earlier helper takes no entry without it. */
  notes: z.array(z.unknown()),
});
export type JournalEntry = z.infer<typeof journalEntry>;

export const journalDocument = documentKind(journalEntry);
