// SPDX-License-Identifier: MIT
import { z } from 'zod';
import { toldSentences } from './told-sentence.ts';
import { accelerator } from './instances.ts';
import { timestamp } from './names.ts';
import { open, wordOf } from './open-enum.ts';
import { byteCount } from './units.ts';

/** The first call of every connection; any other before it is refused. */
export const helloParams = z.strictObject({ protocol: z.int(), client: z.string().max(80) });
export const helloResult = z.object({
  protocol: z.int(),
  version: z.string(),
  bootId: z.string(),
  /** What this helper can do besides what the first of its protocol could; see {@link features}. */
  features: z.array(z.string().max(64)).max(1000).optional(),
});

/**
 * One thing a person may have to mend before instances run well, with its way out. `limited`: instances
 * run, with less; `missing`: something does not work; `unknown`: it could not be looked at.
 */
export const hostCheck = z.object({
  /** Of the helper's table of checks; stable, so that scripts can look for it. */
  id: z.string().regex(/^[a-z][a-z0-9-]{0,63}$/),
  state: open(z.enum(['good', 'limited', 'missing', 'checking', 'unknown'])),
  title: z.string().optional(),
  /** One sentence: what was found. */
  summary: z.string(),
  /** What was measured, and where. */
  evidence: z.string().optional(),
  /** The way out, in words. */
  fix: z.string().optional(),
  /** The way out as a command line, where it is one. */
  command: z.string().optional(),
  /** Those of title, summary, evidence and fix that are sentences. */
  sentences: toldSentences,
});
export type HostCheck = z.infer<typeof hostCheck>;

/** What a check is called. */
export function titleOf({ id, title }: Pick<HostCheck, 'id' | 'title'>): string {
  return title ?? wordOf(id);
}

export const hostExamination = z.object({ at: timestamp, checks: z.array(hostCheck) });

/** What kernel and administrator give to the confinement of machines. */
const hostConfinement = z.object({
  model: open(z.enum(['apparmor', 'none'])),
  /** Why the model is none. */
  reason: z.string().optional(),
  /** A machine is started only where its owner allowed it to run without AppArmor. */
  needsConsent: z.boolean(),
  /** Why no machine is started at all. */
  problem: z.string().optional(),
});

export const systemInfo = z.object({
  version: z.string(),
  protocol: z.int(),
  bootId: z.string(),
  pid: z.int(),
  architecture: open(z.enum(['x86_64', 'aarch64'])),
  hostCpus: z.int(),
  hostMemoryBytes: byteCount,
  freeDiskBytes: byteCount,
  accelerator: open(accelerator).optional(),
  qemuVersion: z.string().optional(),
  checks: z.array(hostCheck),
  confinement: hostConfinement.optional(),
  caller: z.object({ uid: z.int(), gid: z.int() }),
});
export type SystemInfo = z.infer<typeof systemInfo>;
