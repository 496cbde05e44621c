// SPDX-License-Identifier: MIT
import { z } from 'zod';
import { laterValue } from '#contract/open-enum.ts';
import { documentKind } from './document.ts';
import { ledgerFrom1 } from './instance-steps.ts';
import { machineRecord, specIdentities } from './machine-record.ts';
import { credentialsRecord } from './record-values.ts';

const entries = z.discriminatedUnion('kind', [
  /** The machine's user is being let to a user's file, or kept from it. */
  z.object({
    schema: z.literal(2),
    kind: z.literal('access'),
    instance: z.string(),
    machine: credentialsRecord,
    giver: credentialsRecord,
    path: z.string(),
  }),
  /** What was made around a machine that is over could not all be taken away. */
  z.object({ schema: z.literal(2), kind: z.literal('machine'), spec: machineRecord.shape.spec }),
]);
/** An effect on the computer that no record tells of, or not yet. */
export type LedgerEntry = z.infer<typeof entries>;
export type AccessNote = Extract<LedgerEntry, { kind: 'access' }>;

const kinds: readonly string[] = ['access', 'machine'] satisfies LedgerEntry['kind'][];
const laterEntry = z.object({ schema: z.literal(2), kind: laterValue.refine((kind) => !kinds.includes(kind)) });

/** Also one of a kind that a later version brought. */
export const ledgerDocument = documentKind(z.union([entries, laterEntry]), {
  steps: [ledgerFrom1],
  // of the others an earlier helper can use each
  leastSchema: ({ kind }) => (kind === 'machine' ? 2 : 1),
  identities: specIdentities('spec'),
  isCompact: true,
});

export function isUnderstood(entry: LedgerEntry | z.infer<typeof laterEntry>): entry is LedgerEntry {
  return kinds.includes(entry.kind);
}
