// SPDX-License-Identifier: MIT What the helper and a guest's SSH process say to each other. The helper numbers what it
// asks for; each number gets one answer, then, when that was not a failure and it lives on, one farewell.
import type { GuestTarget } from '../../core/seams/guest.ts';

/** Of the helper's messages: a command line is the longest. */
export const mostAskedBytes = 2 * 1024 * 1024;
/** Of the process's, which the guest may have taken over. */
export const mostAnsweredBytes = 2048;
export const mostReasonLength = 300;

/** After how long a silent guest counts as gone: `intervalMs` times `count`. */
export interface KeepAlive {
  readonly intervalMs: number;
  readonly count: number;
}

export interface TerminalWindow {
  readonly term: string;
  readonly columns: number;
  readonly rows: number;
}

/** With a window the command runs on a terminal. */
export type ChannelKind =
  | { readonly exec: string; readonly window?: TerminalWindow | undefined }
  | { readonly shell: TerminalWindow }
  | { readonly sftp: true };

export type Asked =
  /** Waits until SSH greets at the address. */
  | { readonly ask: 'greeting'; readonly id: number; readonly address: string }
  | {
      readonly ask: 'connect';
      readonly id: number;
      readonly target: GuestTarget;
      readonly keepAlive: KeepAlive;
      readonly limitMs: number;
    }
  /** `stdio` and `stderr` are the numbers of new lanes. */
  | {
      readonly ask: 'channel';
      readonly id: number;
      readonly connection: number;
      readonly kind: ChannelKind;
      readonly stdio: number;
      readonly stderr: number;
      readonly limitMs: number;
    }
  | { readonly ask: 'resize'; readonly id: number; readonly columns: number; readonly rows: number }
  /** Of whatever has that number, at once; the farewell, or the failure, answers. */
  | { readonly ask: 'end'; readonly id: number };

export interface GuestEnd {
  readonly exitCode?: number | undefined;
  readonly signal?: string | undefined;
}

export type Answer =
  /** `greeting` is how SSH greeted where that was waited for, and what a connection's server calls itself. */
  | { readonly id: number; readonly did: 'begin'; readonly greeting?: string | undefined }
  | { readonly id: number; readonly did: 'fail'; readonly isForeign?: boolean | undefined; readonly reason: string }
  | { readonly id: number; readonly did: 'end'; readonly end?: GuestEnd | undefined };
