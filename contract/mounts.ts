// SPDX-License-Identifier: MIT
import { z } from 'zod';
import { helperErrorData } from './errors.ts';
import { instanceName, timestamp } from './names.ts';
import { byteCount } from './units.ts';

/** Names a mount in the helper: part of a profile's name and of a file system's name in the guest. */
const mountId = z.string().regex(/^[0-9a-f]{8}$/);

/**
 * A path as JSON can carry it. Linux allows any byte in a name: what is no UTF-8 cannot be said here,
 * and what was decoded with losses is refused instead of meaning another folder.
 */
const path = z.string().min(1).max(4096)
  .refine((text) => !text.includes('\0') && text.isWellFormed(), 'a path without NUL, in UTF-8')
  .refine((text) => !text.includes('\u{FFFD}'), 'the name is no valid UTF-8; rename it or share the folder above');

/** Absolute, on this computer. */
export const hostPath = path.refine((text) => text.startsWith('/'), 'an absolute path');

/** In the guest; a relative one is below the home of the guest's default user. */
const guestPath = path;

const userId = z.int().min(0).max(0xffff_fffe);

/** Files of `host` on this computer are files of `guest` in the guest. */
const idMap = z.object({ host: userId, guest: userId });

/** How a folder gets into the guest. */
const mountType = z.enum(['sshfs']);

/** What was asked for. */
export const mountSpec = z.object({
  id: mountId,
  source: hostPath,
  target: guestPath,
  isReadOnly: z.boolean(),
  type: mountType,
  /** Empty: the caller's files are those of the guest's default user. */
  uidMaps: z.array(idMap).max(32),
  gidMaps: z.array(idMap).max(32),
});

/**
 * `waiting`: for the machine to run and its SSH to answer. `degraded`: mounted, but the guest did not
 * answer the last question. `not-connected`: `reason` says why; it is tried again by itself.
 */
const mountState = z.enum(['waiting', 'connecting', 'connected', 'degraded', 'not-connected']);

export const mountSummary = mountSpec.extend({
  state: mountState,
  /** When it came into this state. */
  since: timestamp,
  reason: helperErrorData.optional(),
  /** How often it was attached anew since the helper began. */
  reconnects: z.int().nonnegative(),
  /** What went through since the helper began; exact in `mounts.list`, as of the last change elsewhere. */
  bytesToGuest: byteCount,
  bytesFromGuest: byteCount,
});
export type MountSummary = z.infer<typeof mountSummary>;

export const mountAddParams = z.strictObject({
  name: instanceName,
  source: hostPath,
  /** Absent: the folder's own name, below the home of the guest's default user. */
  target: guestPath.optional(),
  isReadOnly: z.boolean().default(false),
  type: z.enum(['auto', 'sshfs']).default('auto'),
  uidMaps: z.array(idMap).max(32).default([]),
  gidMaps: z.array(idMap).max(32).default([]),
});
export type MountAddParams = z.output<typeof mountAddParams>;

export const mountRemoveParams = z.strictObject({
  name: instanceName,
  /** Absent: all of the instance's mounts. */
  target: guestPath.optional(),
});
