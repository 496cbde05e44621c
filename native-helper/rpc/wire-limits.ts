// SPDX-License-Identifier: MIT
import { limits } from '#contract/protocol.ts';

/** Bounds of one connection. The contract's, and the helper's own for what clients need not know. */
export interface WireLimits {
  readonly messageBytes: number;
  readonly headerBytes: number;
  readonly messageTimeoutMs: number;
  /** How long a connection may live without `system.hello`. */
  readonly helloTimeoutMs: number;
  readonly requestsPerConnection: number;
  /** To a socket, of all users but root. */
  readonly connections: number;
  /**
   * So that no user can take all the places; the administrator may allow fewer or more. Root has as many, apart from
   * all others'.
   */
  readonly connectionsPerUser: number;
  /** From here on no further request is read and no event sent until the client has read its answers. */
  readonly congestedBytes: number;
  /** Answers waiting to be read beyond this end the connection. */
  readonly bufferedBytes: number;
  /** How long what still comes from a refused client is thrown away, so that it can read why. */
  readonly lingerMs: number;
}

export const wireLimits: WireLimits = {
  messageBytes: limits.messageBytes,
  headerBytes: limits.headerBytes,
  messageTimeoutMs: limits.messageTimeoutMs,
  helloTimeoutMs: limits.messageTimeoutMs,
  requestsPerConnection: limits.requestsPerConnection,
  connections: 4 * limits.connections,
  connectionsPerUser: limits.connections / 2,
  congestedBytes: 1024 * 1024,
  bufferedBytes: 8 * 1024 * 1024,
  lingerMs: 1000,
};
