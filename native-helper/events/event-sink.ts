// SPDX-License-Identifier: MIT
import type { Actor } from '../core/seams/operation.ts';

/** A connection as the event log uses it. */
export interface EventSink {
  readonly actor: Actor;
  /** Aborted when the connection has ended. */
  readonly closed: AbortSignal;
  /** True while the client reads slower than it is sent to; events wait until {@link onDrain} calls. */
  readonly isCongested: boolean;
  notify(method: string, params: object): void;
  /** Calls back each time the congestion is over; returns the way to stop listening. */
  onDrain(listener: () => void): () => void;
  /** Ends the connection; the client may come back and ask for a replay. */
  cutOff(reason: string): void;
}
