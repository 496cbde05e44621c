// SPDX-License-Identifier: MIT
import { z } from 'zod';
import { helperErrorData } from './errors.ts';
import { operationId, timestamp } from './names.ts';
import { open } from './open-enum.ts';
import { byteCount } from './units.ts';
import { instanceVerbs } from './verb-table.ts';

export const operationKind = z.enum([
  'launch',
  ...instanceVerbs,
  'set',
  'image-import',
  'image-build',
  'image-fetch',
  'image-refresh',
  'image-verify',
]);
export type OperationKind = z.infer<typeof operationKind>;

/** The phases of a launch and of a start, in order. A start has no `image` and no `disk` phase. */
export const bootPhase = z.enum([
  'image',
  'disk',
  'seed',
  'network',
  'firmware',
  'kernel',
  'lease',
  'sshd',
  'cloud-init',
]);
export type BootPhase = z.infer<typeof bootPhase>;
export const bootPhases = bootPhase.options;

/**
 * One phase of a boot. Times are those of the evidence (a serial line, a lease, a banner), not of
 * the moment somebody looked. `skipped` is a phase that this image or boot does not have.
 */
export const phaseRecord = z.object({
  phase: open(bootPhase),
  state: open(z.enum(['waiting', 'running', 'done', 'failed', 'skipped'])),
  startedAt: timestamp.optional(),
  endedAt: timestamp.optional(),
  /** What ended it, in words a person can check: "SSH-2.0-OpenSSH_9.2p1 on port 22". */
  evidence: z.string().optional(),
});
export type PhaseRecord = z.infer<typeof phaseRecord>;

/** How far the current step of an operation is. */
export const stepProgress = z.object({
  step: z.string(),
  /** 0 to 1, where it can be known. */
  fraction: z.number().min(0).max(1).optional(),
  bytes: byteCount.optional(),
  totalBytes: byteCount.optional(),
  /** The mean over the last seconds. */
  bytesPerSecond: byteCount.optional(),
  secondsLeft: z.int().nonnegative().optional(),
});
export type StepProgress = z.infer<typeof stepProgress>;

export const operationSummary = z.object({
  id: operationId,
  kind: open(operationKind),
  /** The instance's name, or the image's alias. */
  target: z.string(),
  ownerUid: z.int(),
  state: open(z.enum(['running', 'succeeded', 'failed', 'cancelled'])),
  startedAt: timestamp,
  endedAt: timestamp.optional(),
  progress: stepProgress.optional(),
  cancellable: z.boolean(),
  error: helperErrorData.optional(),
});
export type OperationSummary = z.infer<typeof operationSummary>;
