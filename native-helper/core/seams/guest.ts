// SPDX-License-Identifier: MIT
// How guests are reached.
import type { Readable, Writable } from 'node:stream';

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
  readonly ended: Promise<{ readonly exitCode?: number; readonly signal?: string }>;
  resize(columns: number, rows: number): void;
  close(): void;
}
