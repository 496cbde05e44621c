// SPDX-License-Identifier: MIT
import { z } from 'zod';
import { timestamp } from '#contract/names.ts';
import { open } from '#contract/open-enum.ts';

/** A file or a device that a machine may touch. One of a kind or a mode that a later version brought opens nothing. */
const grantRecord = z.object({
  path: z.string().startsWith('/'),
  mode: open(z.enum(['r', 'rw'])),
  kind: open(z.enum(['file', 'device'])),
  grantedBy: z.int(),
  grantedAt: timestamp,
  /** Absent in what earlier versions noted. */
  file: z.object({ gid: z.int(), inode: z.string(), born: z.string() }).optional(),
});

/** What was decided on the confinement of a machine; what it has of the host's hardware stands apart. */
export const machineSecurityRecord = z.object({
  isAllowedWithoutAppArmor: z.boolean(),
  /** A mode of a later version confines as `enforce` does. */
  mode: open(z.enum(['enforce', 'complain'])),
  grants: z.array(grantRecord),
  qemu: z.object({ args: z.array(z.string()), env: z.record(z.string(), z.string()) }),
  loosenedBy: z.object({ mode: z.int(), args: z.int(), env: z.int() }).partial().optional(),
});

export const hostDiskRecord = z.object({ path: z.string().startsWith('/'), isReadOnly: z.boolean() });

/** What was decided on one instance: `SecuritySettings` of the contract, in its stored form. */
export const securityRecord = machineSecurityRecord.extend({
  usesHugepages: z.boolean(),
  usesVhostNet: z.boolean(),
  vfioGroups: z.array(z.int().nonnegative()),
  blockDevices: z.array(hostDiskRecord),
});
