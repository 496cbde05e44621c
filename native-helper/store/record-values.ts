// SPDX-License-Identifier: MIT
// What several records hold. Their words are the disk's own: a record outlives the version that wrote it, so where a
// later version may have one more word, it is kept as it is and decides nothing (`open`). What the wire can carry is
// the contract's affair and never taken from there.
import { z } from 'zod';
import { operationId, timestamp } from '#contract/names.ts';
import { open } from '#contract/open-enum.ts';

export const credentialsRecord = z.object({ uid: z.int().nonnegative(), gid: z.int().nonnegative() });

export const architectureRecord = open(z.enum(['x86_64', 'aarch64']));

export const digestRecord = z.object({
  algorithm: z.enum(['sha256', 'sha512']),
  hex: z.string().regex(/^[0-9a-f]{64}(?:[0-9a-f]{64})?$/),
});

export const verificationRecord = open(z.enum(['signature', 'https', 'digest', 'first-use']));

/** A message of the catalogue, by its id. What stands in its places is kept, whatever it is. */
const sentenceRecord = z.object({ id: z.string(), values: z.record(z.string(), z.unknown()).optional() });

/** An error as it was told. Codes are many and more with each version: any is kept. */
export const errorRecord = z.object({
  code: z.string().regex(/^[a-z0-9][a-z0-9._-]{0,63}$/i),
  params: z.record(z.string(), z.union([z.string(), z.number()])),
  /** Which of `params` are sentences: their English words stand there. */
  sentences: z.record(z.string(), sentenceRecord).optional(),
  operationId: operationId.optional(),
  phase: z.string().optional(),
  consoleTail: z.array(z.string()).optional(),
  causes: z.array(z.string()).default([]),
  words: z.object({ message: z.string(), hint: z.string(), exitCode: z.int().min(1).max(255) }).optional(),
});

const phaseRecord = z.object({
  phase: open(z.enum(['image', 'disk', 'seed', 'network', 'firmware', 'kernel', 'lease', 'sshd', 'cloud-init'])),
  state: open(z.enum(['waiting', 'running', 'done', 'failed', 'skipped'])),
  startedAt: timestamp.optional(),
  endedAt: timestamp.optional(),
  evidence: z.string().optional(),
});

/** One boot of an instance: when, and how far it came. */
export const bootRecord = z.object({
  number: z.int().positive(),
  startedAt: timestamp,
  endedAt: timestamp.optional(),
  phases: z.array(phaseRecord),
});
