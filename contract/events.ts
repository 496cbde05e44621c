// SPDX-License-Identifier: MIT
import { z } from 'zod';
import { catalogueEntry, imageRemote, vaultImage } from './images.ts';
import { instanceSummary } from './instances.ts';
import { instanceName, timestamp } from './names.ts';
import { operationSummary, phaseRecord } from './operations.ts';
import { systemInfo } from './system.ts';

/**
 * What the helper announces. Events carry the whole new value of the thing that changed, so a
 * client needs no second question and a repeated event does no harm.
 */
export const eventBody = z.discriminatedUnion('topic', [
  z.object({ topic: z.literal('instance.changed'), instance: instanceSummary }),
  z.object({ topic: z.literal('instance.removed'), name: instanceName }),
  z.object({ topic: z.literal('instance.phases'), name: instanceName, boot: z.int(), phases: z.array(phaseRecord) }),
  z.object({ topic: z.literal('operation.changed'), operation: operationSummary }),
  z.object({ topic: z.literal('images.changed'), catalogue: z.array(catalogueEntry), vault: z.array(vaultImage), remotes: z.array(imageRemote).optional() }),
  z.object({ topic: z.literal('system.changed'), system: systemInfo.omit({ caller: true }) }),
]);
export type EventBody = z.infer<typeof eventBody>;

/** `sequence` rises by one within one `bootId` of the helper; `ownerUid` limits who is told. */
export const helperEvent = z.object({ sequence: z.int(), at: timestamp, body: eventBody });
export type HelperEvent = z.infer<typeof helperEvent>;

export const subscribeParams = z.strictObject({
  /** Continue after this event of this helper; a snapshot is sent when that is no longer possible. */
  since: z.object({ bootId: z.string(), sequence: z.int() }).optional(),
});

/** Everything a window shows at once, valid at `sequence`. */
export const snapshot = z.object({
  instances: z.array(instanceSummary),
  operations: z.array(operationSummary),
  catalogue: z.array(catalogueEntry),
  vault: z.array(vaultImage),
  remotes: z.array(imageRemote).optional(),
  system: systemInfo,
});
export type Snapshot = z.infer<typeof snapshot>;

export const subscribed = z.object({
  bootId: z.string(),
  sequence: z.int(),
  /** Present unless the missed events are replayed as notifications instead. */
  snapshot: snapshot.optional(),
});
