// SPDX-License-Identifier: MIT
import { z } from 'zod';
import { instanceName, timestamp } from './names.ts';
import { open } from './open-enum.ts';

/** What was refused: the file system, the network, another program, … */
export const denialKind = z.enum([
  'file',
  'exec',
  'capability',
  'network',
  'socket',
  'signal',
  'ptrace',
  'mount',
  'profile',
  'other',
]);
export type DenialKind = z.infer<typeof denialKind>;

/** What can be allowed of a file; nothing else can be allowed from a denial. */
const allowance = z.enum(['read', 'read-write']);
const denialChoice = z.enum(['keep-blocked', ...allowance.options]);

/** One thing that the confinement of an instance, or of a program of Berth's own, refused, however often. */
export const denial = z.object({
  /** The same for the same thing of the same program. */
  id: z.string().regex(/^[0-9a-f]{12}$/),
  /**
   * The last part of the profile's name, such as `qemu-system-x86_64` or `share-server.1`; of the helper itself the
   * whole of it, such as `berth-helper//parser`.
   */
  utility: z.string(),
  kind: open(denialKind),
  /** The kernel's words for what was tried: `open`, `mknod`, `capable`, … */
  operations: z.array(z.string()),
  /** The file, the capability, the family of sockets, … */
  subject: z.string(),
  /** Of a file, AppArmor's letters for all that was tried: r w a c d k l m x (apparmor.d(5)). */
  access: z.string().optional(),
  /** `reported`: let through, because the instance's profile only complains. */
  outcome: open(z.enum(['refused', 'reported'])),
  count: z.int().positive(),
  firstAt: timestamp,
  lastAt: timestamp,
  /** What it was, in plain words. */
  explanation: z.string(),
  /** The AppArmor rule that would allow it, where it can be written. */
  rule: z.string().optional(),
  /** What may be allowed of it. */
  offers: z.array(open(allowance)),
  /** Why nothing, or not all, may be allowed. */
  caution: z.string().optional(),
  /** What was decided: of an allowed file it is what the instance's grants say. */
  decision: z.object({ choice: open(denialChoice), at: timestamp, byUid: z.int() }).optional(),
  /** Told with an answer of `denials.decide`: whether it holds for the running machine, or from its next start on. */
  effect: open(z.enum(['now', 'next-start'])).optional(),
});
export type Denial = z.infer<typeof denial>;

/** Where denials are read, and what is known to be lacking. */
export const denialSource = z.object({
  state: open(z.enum(['watching', 'unavailable'])),
  /** Such as `the kernel's log (/dev/kmsg)`, or why there is none. */
  detail: z.string(),
  /** Records that the kernel counted and did not print, since the helper began to watch; denials may be among them. */
  lost: z.object({ count: z.int().positive(), lastAt: timestamp }).optional(),
});
export type DenialSource = z.infer<typeof denialSource>;

export const denialList = z.object({ denials: z.array(denial), source: denialSource });
export type DenialList = z.infer<typeof denialList>;

/** Of the instance's summary, so that everybody who shows it is told when there is something new. */
export const denialCounts = z.object({ total: z.int(), undecided: z.int(), lastAt: timestamp });
export type DenialCounts = z.infer<typeof denialCounts>;

export const decideDenialParams = z.strictObject({
  name: instanceName,
  id: denial.shape.id,
  choice: denialChoice,
});
export type DecideDenialParams = z.output<typeof decideDenialParams>;
