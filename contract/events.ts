// SPDX-License-Identifier: MIT
import { z } from 'zod';
import { catalogueEntry, imageRemote, vaultImage } from './images.ts';
import { instanceSummary } from './instances.ts';
import { instanceName, timestamp } from './names.ts';
import { mountFigures } from './mounts.ts';
import { pagedList, snapshotCursor } from './pages.ts';
import { operationSummary, phaseRecord } from './operations.ts';
import { systemInfo } from './system.ts';

/**
 * What the helper announces. An event carries the whole new value of one thing that changed, or of its fields that
 * did, so a client needs no second question and a repeated event does no harm; never a list that grows with what users
 * have, which would break the connection of everybody who is told. Of such lists it says that they changed.
 */
export const eventBody = z.discriminatedUnion('topic', [
  z.object({
    topic: z.literal('instance.changed'),
    instance: instanceSummary,
    /**
     * For who asked for `changes`: the fields that are new. `instance` has these and what every instance has; one that
     * it has not is gone, and those that are not named are as they were. Absent: the whole instance.
     */
    fields: z.array(z.string()).optional(),
  }),
  /** For who asked for `changes`: the numbers that are new, of an instance of which nothing else changed. */
  z.object({
    topic: z.literal('instance.figures'),
    name: instanceName,
    mounts: z.array(mountFigures).optional(),
  }),
  z.object({ topic: z.literal('instance.removed'), name: instanceName }),
  z.object({ topic: z.literal('instance.phases'), name: instanceName, boot: z.int(), phases: z.array(phaseRecord) }),
  z.object({ topic: z.literal('operation.changed'), operation: operationSummary }),
  /** Catalogue, vault or remotes are not what they were: list them again. */
  z.object({ topic: z.literal('images.outdated') }),
  /** The same, as earlier helpers told it; sent no more. */
  z.object({
    topic: z.literal('images.changed'),
    catalogue: z.array(catalogueEntry),
    vault: z.array(vaultImage),
    remotes: z.array(imageRemote).optional(),
  }),
  z.object({ topic: z.literal('system.changed'), system: systemInfo.omit({ caller: true }) }),
]);
export type EventBody = z.infer<typeof eventBody>;

/** `sequence` rises by one within one `bootId` of the helper; `ownerUid` limits who is told. */
export const helperEvent = z.object({ sequence: z.int(), at: timestamp, body: eventBody });
export type HelperEvent = z.infer<typeof helperEvent>;

export const subscribeParams = z.strictObject({
  /** Continue after this event of this helper; a snapshot is sent when that is no longer possible. */
  since: z.object({ bootId: z.string(), sequence: z.int() }).optional(),
  /** The snapshot may come in pages: the answer has the first, and `next` where there are more. */
  pages: z.boolean().optional(),
  /** Of an instance only what changed is wanted, and its figures by `instance.figures`. */
  changes: z.boolean().optional(),
});

/** Everything a window shows at once, valid at `sequence`. */
export const snapshot = z.object({
  instances: pagedList(instanceSummary),
  operations: pagedList(operationSummary),
  catalogue: pagedList(catalogueEntry),
  vault: pagedList(vaultImage),
  remotes: pagedList(imageRemote).optional(),
  system: systemInfo,
});
export type Snapshot = z.infer<typeof snapshot>;
/** All that is told of images. */
export type ImageLists = Pick<Snapshot, 'catalogue' | 'vault' | 'remotes'>;

export const snapshotParams = z.strictObject({ cursor: snapshotCursor });
/** A part of each list; `next` where there are more. */
export const snapshotPage = z.object({ snapshot: snapshot.omit({ system: true }), next: snapshotCursor.optional() });
export type SnapshotPage = z.infer<typeof snapshotPage>;

export const subscribed = z.object({
  bootId: z.string(),
  sequence: z.int(),
  /** Present unless the missed events are replayed as notifications instead. */
  snapshot: snapshot.optional(),
  /** Where the snapshot goes on, by `events.snapshot`. */
  next: snapshotCursor.optional(),
});
