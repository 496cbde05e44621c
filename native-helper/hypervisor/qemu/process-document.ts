// SPDX-License-Identifier: MIT
import { z } from 'zod';
import { documentKind } from '../../store/document.ts';

/** Which process a machine is; it was never numbered, and goes with the process. */
export const processDocument = documentKind(
  z.object({ pid: z.int().positive(), startTicks: z.number().nonnegative() }),
  { numbering: 'optional', isCompact: true },
);
