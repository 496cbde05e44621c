// SPDX-License-Identifier: MIT
/** Copies that the window's desktop program makes, into instances and out of them, as the user. */
import { z } from 'zod';
import type { HostId } from './hosts.ts';
import { instanceName } from './names.ts';

/** In UTF-8: a name that is none cannot be said here, and its folder is copied instead. */
const path = z.string().min(1).max(4096);
/** How many things one copy may be asked for by name; folders bring theirs with them. */
export const mostPaths = 2000;
const paths = z.array(path).min(1).max(mostPaths);
const transferId = z.string().regex(/^t-[0-9a-f]{8}$/);

export const copyInParams = z.strictObject({
  name: instanceName,
  /** Absolute, on this computer. */
  paths,
  /** In the guest; below the home of its user when relative, and that home when absent. */
  folder: path.optional(),
});

export const copyOutParams = z.strictObject({
  name: instanceName,
  /** In the guest. */
  paths,
  /** Absolute, on this computer. */
  folder: path,
});

export const conflictChoice = z.enum(['replace', 'keep-both', 'skip']);
export type ConflictChoice = z.infer<typeof conflictChoice>;

export const conflictAnswer = z.strictObject({
  id: transferId,
  conflict: z.int().positive(),
  choice: conflictChoice,
  /** Whether it goes for all further ones of this copy too. */
  isForAll: z.boolean(),
});
export type ConflictAnswer = z.infer<typeof conflictAnswer>;

export const transferReference = z.strictObject({ id: transferId });

/** What stands where something is to go, and what is to go there. */
interface ConflictSide {
  readonly isFolder: boolean;
  readonly bytes: number;
  /** Milliseconds since 1970. */
  readonly modifiedAt: number;
}

export interface TransferConflict {
  readonly number: number;
  /** At the destination. */
  readonly path: string;
  readonly existing: ConflictSide;
  readonly coming: ConflictSide;
}

export interface TransferProgress {
  readonly filesDone: number;
  readonly filesTotal: number;
  readonly bytesDone: number;
  readonly bytesTotal: number;
  readonly current?: string;
  readonly bytesPerSecond?: number;
  readonly secondsLeft?: number;
}

export interface Transfer {
  readonly id: string;
  readonly direction: 'in' | 'out';
  readonly host: HostId;
  /** By name. */
  readonly instance: string;
  /** The folder that things go into; absolute once it is known. */
  readonly folder: string;
  /** What was asked for, by name. */
  readonly names: readonly string[];
  readonly state: 'running' | 'done' | 'failed' | 'cancelled';
  /** In ISO 8601. */
  readonly startedAt: string;
  readonly endedAt?: string;
  /** Its card was closed: it is a thing of the past now. */
  readonly isPutAway: boolean;
  readonly progress: TransferProgress;
  /** What is asked, while the copy waits for an answer. */
  readonly conflict?: TransferConflict;
  readonly skipped: number;
  /** The first of what failed; the rest is only counted. */
  readonly failures: readonly { readonly path: string; readonly reason: string }[];
  readonly failureCount: number;
  /** Why nothing was copied at all, or why it stopped. */
  readonly error?: { readonly message: string; readonly hint?: string };
}

export const guestFolderParams = z.strictObject({ name: instanceName, folder: path });

/** One thing in a folder of a guest. */
export interface GuestEntry {
  readonly name: string;
  readonly kind: 'file' | 'folder' | 'link' | 'other';
  /** It is a folder, or a link that leads to one. */
  readonly isFolder: boolean;
  readonly bytes: number;
  /** Milliseconds since 1970. */
  readonly modifiedAt: number;
  /** False where the name is no UTF-8: it can be copied with its folder, not by name. */
  readonly isNamed: boolean;
}

export interface GuestFolder {
  /** Absolute. */
  readonly folder: string;
  /** Folders first, by name. */
  readonly entries: readonly GuestEntry[];
  /** How many more there are. */
  readonly hidden: number;
  /** The file that was asked for by its own path. */
  readonly chosen?: string;
}
