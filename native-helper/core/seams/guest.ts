// SPDX-License-Identifier: MIT
// How guests are reached.
import type { Readable, Writable } from 'node:stream';
import type { SessionSignal } from '#contract/guest.ts';

/** How to reach one guest's SSH. The host key is pinned: it was given to the guest in its seed. */
export interface GuestTarget {
  readonly address: string;
  readonly user: string;
  readonly privateKey: string;
  /** `ssh-ed25519 AAAA…` */
  readonly hostKey: string;
}

export interface GuestProcess {
  readonly stdin: Writable;
  readonly stdout: Readable;
  readonly stderr: Readable;
  readonly ended: Promise<{ readonly exitCode?: number | undefined; readonly signal?: string | undefined }>;
  resize(columns: number, rows: number): void;
  /** To the processes of a command without a terminal; resolves when it was sent, or cannot be. */
  signal(name: SessionSignal): Promise<void>;
  /** Nobody wants it any more: what runs without a terminal is ended, what has one loses it. */
  close(): void;
}
