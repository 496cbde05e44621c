// SPDX-License-Identifier: MIT
import type { MountSummary } from '#contract/mounts.ts';
import type { InstanceName } from '#contract/names.ts';
import type { HelperError } from '../core/errors.ts';
import type { MachineWithShares } from '../core/seams/hypervisor.ts';
import type { SshConnection } from '../guest/ssh-connection.ts';
import type { ChangedPaths } from './share-watcher.ts';
import type { MountRecord } from '../store/instance-record.ts';

/** A cut link is known after 20 s: long enough for a guest that is busy, short for who waits on a file. */
export const keepAlive = { intervalMs: 5_000, count: 4 };
export const mountLimitMs = 60_000;

export interface AttachRequest {
  readonly instance: InstanceName;
  readonly mount: MountRecord;
  /** The guest's default user. */
  readonly user: string;
  /** Whether the guest is there to be reached. */
  readonly isReachable: () => boolean;
  /**
   * A connection to the guest of the caller's own, cut soon when the guest is gone; throws where it is not to be
   * reached.
   */
  readonly connect: (signal: AbortSignal) => Promise<SshConnection>;
  readonly machine: MachineWithShares;
  /** Told of bytes that went through. */
  readonly onBytes: (toGuest: number, fromGuest: number) => void;
}

/** A folder that is in the guest now. */
export interface AttachedShare {
  readonly transport: NonNullable<MountSummary['transport']>;
  /** Why it is not virtiofs, where that was not ruled out from the beginning. */
  readonly fallback?: HelperError | undefined;
  /** Why sshfs goes over SSH and not over a port of the machine, where it does. */
  readonly overSsh?: HelperError;
  /** Whether the target was made in the guest for it. */
  readonly isTargetMade: boolean;
  /** Resolves with what ended it. */
  readonly ended: Promise<HelperError>;
  /** Asks the guest for a sign of life; false when none came in time. */
  probe(limitMs: number): Promise<boolean>;
  /** Has changes of the folder noticed in the guest; absent where its kernel tells its programs of none. */
  readonly notify?: (changes: ChangedPaths, signal: AbortSignal) => Promise<void>;
  /**
   * Lets go of it. With `isUnmounted` it is unmounted in the guest first, where the guest is still to be had; without,
   * what needs no helper goes on. When `guestOver` is aborted nothing of the guest is waited for any more; what is ours
   * is taken away all the same.
   */
  detach(isUnmounted: boolean, guestOver: AbortSignal): Promise<void>;
}
