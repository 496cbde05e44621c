// SPDX-License-Identifier: MIT
import { z } from 'zod';
import { instanceName, streamToken, timestamp } from './names.ts';
import { byteCount } from './units.ts';

/** One recorded boot of the serial console. */
export const consoleBoot = z.object({
  number: z.int().positive(),
  startedAt: timestamp,
  endedAt: timestamp.optional(),
  /** Offset just past the last recorded byte, and of the first byte still kept (older ones fell to the cap). */
  endOffset: byteCount,
  firstOffset: byteCount,
});
export type ConsoleBoot = z.infer<typeof consoleBoot>;

export const consoleOpenParams = z.strictObject({
  name: instanceName,
  /** Which boot; the newest when absent. Only the newest of a running instance takes input. */
  boot: z.int().positive().optional(),
  /** Where in the record to begin. */
  fromOffset: byteCount.default(0),
});

export const consoleOpened = z.object({
  /** The stream carries the record from `fromOffset` on, then what follows live; bytes sent are typed. */
  token: streamToken,
  boot: consoleBoot,
  fromOffset: byteCount,
  isLive: z.boolean(),
});

/** Byte `offset` of the record was printed at `at`; sorted, one per burst. */
export const consoleMark = z.object({ offset: byteCount, at: timestamp });

export const terminalSize = z.object({ columns: z.int().min(1).max(1000), rows: z.int().min(1).max(1000) });
