// SPDX-License-Identifier: MIT
import type { z } from 'zod';
import type { methods } from '#contract/methods.ts';
import type { MethodName } from '#contract/protocol.ts';
import type { Actor } from '../core/seams/operation.ts';
import type { Logger } from '../core/log.ts';
import type { EventSink } from '../events/event-sink.ts';
import type { StreamBroker } from './stream-broker.ts';

/** One request as its handler sees it. */
export interface Call {
  readonly actor: Actor;
  /** Aborted by `$/cancelRequest` and when the connection ends. It ends the waiting, never an operation. */
  readonly signal: AbortSignal;
  /** Where `events.subscribe` delivers to. */
  readonly connection: EventSink;
  readonly streams: StreamBroker;
  readonly log: Logger;
  /**
   * Runs `action` right after the reply was handed to the socket: what it sends comes behind the reply. Dropped when
   * the call fails.
   */
  afterReply(action: () => void): void;
}

/** The connection itself answers `system.hello`; all else in the method table is here. */
export type HandledMethod = Exclude<MethodName, 'system.hello'>;

export type ParamsOf<M extends MethodName> = z.output<(typeof methods)[M]['params']>;
export type ResultOf<M extends MethodName> = z.input<(typeof methods)[M]['result']>;

export type Handler<M extends MethodName> = (params: ParamsOf<M>, call: Call) => Promise<ResultOf<M>>;

/** What answers each method. Handlers throw HelperError; anything else is reported as internal.bug. */
export type Handlers = { readonly [M in HandledMethod]: Handler<M> };
