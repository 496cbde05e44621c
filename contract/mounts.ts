// SPDX-License-Identifier: MIT
import { z } from 'zod';
import { say } from '#messages/say.ts';
import { helperErrorData } from './errors.ts';
import { instanceName, timestamp } from './names.ts';
import { open } from './open-enum.ts';
import { isShortened } from './pages.ts';
import { byteCount, utf8Bytes } from './units.ts';

/** Names a mount in the helper: part of a profile's name and of a file system's name in the guest. */
const mountId = z.string().regex(/^[0-9a-f]{8}$/);

/** PATH_MAX of linux/limits.h, without the NUL at its end. */
const mostPathBytes = 4095;

/**
 * A path as JSON can carry it. Linux allows any byte in a name: what is no UTF-8 cannot be said here,
 * and what was decoded with losses is refused instead of meaning another folder.
 */
const path = z
  .string()
  .min(1)
  .refine((text) => utf8Bytes(text) <= mostPathBytes, {
    error: () => say('invalid.path-length', { most: mostPathBytes }),
  })
  .refine((text) => !text.includes('\0') && text.isWellFormed(), { error: () => say('invalid.path-text') })
  .refine((text) => !text.includes('\u{FFFD}'), { error: () => say('invalid.path-not-utf8') });

/** Absolute, on this computer. */
export const hostPath = path.refine((text) => text.startsWith('/'), { error: () => say('invalid.absolute-path') });

/** In the guest; a relative one is below the home of the guest's default user. */
export const guestPath = path;

const userId = z.int().min(0).max(0xffff_fffe);

/** Files of `host` on this computer are files of `guest` in the guest. */
const idMap = z.object({ host: userId, guest: userId });

/** How a folder gets into the guest: `auto` is virtiofs where host and guest can, else sshfs, else 9p. */
const mountType = z.enum(['auto', 'sshfs', 'virtiofs', '9p']);
export const mountTransport = z.enum(['sshfs', 'virtiofs', '9p']);

/** How large one file may become by a mount that does not say otherwise: a guest can ask for more than any disk has. */
export const defaultSizeLimitBytes = 1024 ** 4;
const fileLimit = byteCount.min(1024 ** 2);

/** What was asked for. */
export const mountSpec = z.object({
  id: mountId,
  source: hostPath,
  target: guestPath,
  isReadOnly: z.boolean(),
  /** What was asked for; `transport` of the summary is what it came to. */
  type: mountType,
  /** Changes on this computer are told to programs of the guest that watch the folder. */
  isNotifying: z.boolean().optional(),
  /** No file becomes larger from the guest; 1 TiB where it is absent. */
  sizeLimitBytes: fileLimit.optional(),
  /** Empty: the caller's files are those of the guest's default user. */
  uidMaps: z.array(idMap).max(32),
  gidMaps: z.array(idMap).max(32),
});

const toldCounts = z.object({ told: z.int().nonnegative(), leftOut: z.int().nonnegative() });

/**
 * `waiting`: for the machine to run and its SSH to answer. `degraded`: mounted, but the guest did not
 * answer the last question. `not-connected`: `reason` says why; it is tried again by itself.
 */
const mountState = z.enum(['waiting', 'connecting', 'connected', 'degraded', 'not-connected']);

export const mountSummary = mountSpec.extend({
  type: open(mountType),
  state: open(mountState),
  /** When it came into this state. */
  since: timestamp,
  reason: helperErrorData.optional(),
  /** The last failure, kept when the mount is back; absent where there was none since the helper began. */
  lastError: z.object({ at: timestamp, error: helperErrorData }).optional(),
  /** How it is in the guest now, or was last. */
  transport: open(mountTransport).optional(),
  /** Why `auto` did not come to virtiofs, or not to sshfs either. */
  fallback: helperErrorData.optional(),
  /** Why sshfs goes over SSH; absent where it goes over a port of the machine, which is faster and needs no network. */
  overSsh: helperErrorData.optional(),
  /** How often it was attached anew since the helper began. */
  reconnects: z.int().nonnegative(),
  /** What went through since the helper began; exact in `mounts.list`, as of the last change elsewhere. */
  bytesToGuest: byteCount,
  bytesFromGuest: byteCount,
  /** Both directions together, over the last seconds. */
  bytesPerSecond: byteCount.optional(),
  /**
   * Paths told to the guest since the helper began, and those left out because they were too many; where `isNotifying`.
   */
  notifications: toldCounts.extend({ reason: helperErrorData.optional() }).optional(),
  isShortened,
});
export type MountSummary = z.infer<typeof mountSummary>;

/** The numbers of a mount that are others all the time. */
export const mountFigures = mountSummary
  .pick({ id: true, bytesToGuest: true, bytesFromGuest: true, bytesPerSecond: true })
  .extend({ notifications: toldCounts.optional() });
export type MountFigures = z.infer<typeof mountFigures>;

export const mountAddParams = z.strictObject({
  name: instanceName,
  source: hostPath,
  /** Absent: the folder's own name, below the home of the guest's default user. */
  target: guestPath.optional(),
  isReadOnly: z.boolean().default(false),
  type: mountType.default('auto'),
  isNotifying: z.boolean().default(false),
  sizeLimitBytes: fileLimit.optional(),
  uidMaps: z.array(idMap).max(32).default([]),
  gidMaps: z.array(idMap).max(32).default([]),
});
export type MountAddParams = z.output<typeof mountAddParams>;

export const mountRemoveParams = z.strictObject({
  name: instanceName,
  /** Absent: all of the instance's mounts. */
  target: guestPath.optional(),
});
