// SPDX-License-Identifier: MIT
import { z } from 'zod';
import { denial } from '#contract/denials.ts';
import { timestamp } from '#contract/names.ts';

/** A denial as it is kept: what was seen and decided. Words and offers are made anew when it is told. */
export const denialRecord = denial
  .pick({
    id: true,
    utility: true,
    kind: true,
    operations: true,
    subject: true,
    access: true,
    outcome: true,
    count: true,
    firstAt: true,
    lastAt: true,
    decision: true,
  })
  .extend({
    isExact: z.boolean(),
    /** Fields of the audit record that a rule is made of, and the user as whom it was tried. */
    details: z.record(z.string(), z.string()),
  });
export type DenialRecord = z.infer<typeof denialRecord>;

/** denials.json in the instance's directory. */
export const denialFile = z.looseObject({
  schema: z.literal(1),
  /** The newest audit record that is counted here: what is older was seen by an earlier helper. */
  newest: z.object({ at: timestamp, serial: z.int() }).optional(),
  denials: z.array(denialRecord),
});
export type DenialFile = z.infer<typeof denialFile>;
