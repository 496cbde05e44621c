// SPDX-License-Identifier: MIT
import { limits, protocolVersion, socketNames } from '#contract/protocol.ts';
import { connectSocket } from './connect-socket.ts';
import type { HelperConnection } from './helper-connection.ts';
import { SocketConnection } from './socket-connection.ts';

export interface ConnectOptions {
  readonly runDirectory: string;
  /** For the helper's log: `berth-cli 0.1.0`. */
  readonly clientName: string;
  readonly signal?: AbortSignal;
}

/**
 * Connects and greets. Rejects with helper.unreachable (its `errno` param tells a missing socket
 * from a forbidden and a dead one), helper.version-mismatch or request.cancelled.
 */
export async function connectHelper(options: ConnectOptions): Promise<HelperConnection> {
  const { runDirectory } = options;
  const socket = await connectSocket(`${runDirectory}/${socketNames.rpc}`, options.signal);
  const connection = new SocketConnection(socket, runDirectory);
  const signal = AbortSignal.any([
    AbortSignal.timeout(limits.messageTimeoutMs),
    ...(options.signal ? [options.signal] : []),
  ]);
  try {
    connection.greeted(
      await connection.request(
        'system.hello',
        { protocol: protocolVersion, client: options.clientName.slice(0, 80) },
        { signal },
      ),
    );
    return connection;
  } catch (error) {
    connection.close();
    throw error;
  }
}
