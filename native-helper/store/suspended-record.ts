// SPDX-License-Identifier: MIT
import { z } from 'zod';
import { fingerprint, timestamp } from '#contract/names.ts';
import { byteCount } from '#contract/units.ts';
import { machineSpecRecord } from './machine-record.ts';

/** A file that a saved memory belongs to, as it was then. Numbers of 64 bits stand as text. */
const fileIdentityRecord = z.object({
  /** As in the specification, and `seed`. */
  id: z.string(),
  bytes: z.string(),
  inode: z.string(),
  modifiedNs: z.string(),
  changedNs: z.string(),
});
export type FileIdentity = z.infer<typeof fileIdentityRecord>;

/**
 * Memory on the disk and no machine: all that has to be the same for it to go on. It is gone from the record before
 * the memory goes on, so none goes on twice.
 */
export const suspendedRecord = z.object({
  at: timestamp,
  /** The boot that goes on. */
  boot: z.int().positive(),
  /** The machine as it was started. */
  spec: machineSpecRecord,
  /** The sha256 of QEMU's arguments for it: what this version made of the specification. */
  layout: fingerprint,
  /** Of a guest that ran on the processor itself: what that was. */
  processor: z.string().optional(),
  memory: z.object({ bytes: byteCount, digest: fingerprint }),
  files: z.array(fileIdentityRecord),
});
export type SuspendedRecord = z.infer<typeof suspendedRecord>;
