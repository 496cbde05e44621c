// SPDX-License-Identifier: MIT
import { z } from 'zod';
import { macAddress } from '#contract/names.ts';
import { documentKind } from '../store/document.ts';

const networkRecord = z.object({
  schema: z.literal(1),
  revision: z.int().nonnegative(),
  subnet: z.string().optional(),
  /** The oldest first. */
  reservations: z.array(z.object({ mac: macAddress, host: z.int().min(2).max(254) })),
});
export type NetworkRecord = Readonly<z.infer<typeof networkRecord>>;

export const networkDocument = documentKind(networkRecord, { identities: { reservations: ['mac'] } });
