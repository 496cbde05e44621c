// SPDX-License-Identifier: MIT
import type { z } from 'zod';
import type { methods } from './methods.ts';

/** Raised by one whenever an old client could misunderstand a new helper, or the other way round. */
export const protocolVersion = 1;

/** Limits of the wire; the helper enforces them, clients can rely on them. */
export const limits = {
  /** One JSON-RPC message, either way. */
  messageBytes: 1024 * 1024,
  /** The header block before a message. */
  headerBytes: 1024,
  /** How long a message may stay incomplete. */
  messageTimeoutMs: 10_000,
  /** Requests of one connection under way at once. */
  requestsPerConnection: 256,
  connections: 128,
  /** A token that nobody used by then is void. */
  streamTokenMs: 10_000,
  /** How many past events can be replayed. */
  replayedEvents: 1000,
} as const;

/** File names below the helper's run directory. */
export const socketNames = { rpc: 'helper.sock', stream: 'stream.sock' } as const;

/**
 * The first line of a stream connection: this word, a blank, the token, a newline. The helper answers with a line of
 * its own (contract/streams.ts); raw bytes follow.
 */
export const streamGreeting = 'BERTH-STREAM';

/** JSON-RPC notification that carries an event, helper to client. */
export const eventNotification = 'event';

export type MethodName = keyof typeof methods;
export type MethodParams<M extends MethodName> = z.input<(typeof methods)[M]['params']>;
export type MethodResult<M extends MethodName> = z.output<(typeof methods)[M]['result']>;
