// SPDX-License-Identifier: MIT
import { z } from 'zod';
import { timestamp } from '#contract/names.ts';
import { open } from '#contract/open-enum.ts';
import { documentKind } from './document.ts';

/** A denial as it is kept: what was seen and decided. Words and offers are made anew when it is told. */
const denialRecord = z.object({
  id: z.string().regex(/^[0-9a-f]{12}$/),
  utility: z.string(),
  kind: open(
    z.enum(['file', 'exec', 'capability', 'network', 'socket', 'signal', 'ptrace', 'mount', 'profile', 'other']),
  ),
  operations: z.array(z.string()),
  subject: z.string(),
  access: z.string().optional(),
  outcome: open(z.enum(['refused', 'reported'])),
  count: z.int().positive(),
  firstAt: timestamp,
  lastAt: timestamp,
  decision: z
    .object({ choice: open(z.enum(['keep-blocked', 'read', 'read-write'])), at: timestamp, byUid: z.int() })
    .optional(),
  isExact: z.boolean(),
  /** Fields of the audit record that a rule is made of, and the user as whom it was tried. */
  details: z.record(z.string(), z.string()),
});
export type DenialRecord = z.infer<typeof denialRecord>;

/** denials.json in the instance's directory. */
const denialFile = z.object({
  schema: z.literal(1),
  /** The newest audit record that is counted here: what is older was seen by an earlier helper. */
  newest: z.object({ at: timestamp, serial: z.int() }).optional(),
  denials: z.array(denialRecord),
});
export type DenialFile = z.infer<typeof denialFile>;

export const denialDocument = documentKind(denialFile, {
  identities: { denials: ['id'], 'denials.decision': 'whole', newest: 'whole' },
});
