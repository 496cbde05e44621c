// SPDX-License-Identifier: MIT
import type { Socket } from 'node:net';
import type { HelperEvent } from '#contract/events.ts';
import type { Feature } from '#contract/features.ts';
import type { StreamToken } from '#contract/names.ts';
import type { MethodName, MethodParams, MethodResult } from '#contract/protocol.ts';
import type { HelperCallError } from './helper-call-error.ts';

export interface RequestOptions {
  /** Withdraws the request: the promise rejects at once with request.cancelled. An operation it started goes on. */
  readonly signal?: AbortSignal;
}

/** A greeted connection to the helper. All rejections are HelperCallError. */
export interface HelperConnection {
  /** New at each start of the helper. */
  readonly bootId: string;
  readonly helperVersion: string;
  readonly runDirectory: string;
  /** Whether the helper has what came to the contract after the first version of its protocol. */
  has(feature: Feature): boolean;
  request<M extends MethodName>(method: M, params: MethodParams<M>, options?: RequestOptions): Promise<MethodResult<M>>;
  /** Events come once `events.subscribe` was called, behind its reply. Returns the way to stop listening. */
  onEvent(listener: (event: HelperEvent) => void): () => void;
  /**
   * Called once, with what ended the connection: the helper's last word, a broken socket or {@link close}. Soon when it
   * has ended already.
   */
  onClose(listener: (reason: HelperCallError) => void): () => void;
  /**
   * A `net.Socket` with the raw bytes; `end()` half-closes it, errors show as its 'close'. Rejects with stream.unknown.
   */
  openStream(token: StreamToken | string, options?: RequestOptions): Promise<Socket>;
  close(): void;
}
