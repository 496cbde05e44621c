// SPDX-License-Identifier: MIT
import { z } from 'zod';
import { documentKind } from '../../store/document.ts';

const originRecord = z.object({
  schema: z.literal(1),
  url: z.string(),
  validator: z.string().optional(),
  totalBytes: z.number().optional(),
});
/** Where half a download comes from. */
export type Origin = Omit<z.infer<typeof originRecord>, 'schema'>;

export const originDocument = documentKind(originRecord, { isCompact: true });
