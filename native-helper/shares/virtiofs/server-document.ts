// SPDX-License-Identifier: MIT
import { z } from 'zod';
import { documentKind } from '../../store/document.ts';

const processRecord = z.object({ pid: z.int(), startTicks: z.number() });

/** Which processes serve a folder; it goes with them. */
export const serverDocument = documentKind(
  z.object({ schema: z.literal(1), process: processRecord, inside: processRecord.optional() }),
  { isCompact: true },
);
export type ServerRecord = z.infer<typeof serverDocument.schema>;
