// SPDX-License-Identifier: MIT
import { streamRefused } from '#contract/streams.ts';
import type { QuotaFile } from '../confinement/administrator/quotas.ts';
import type { Logger } from '../core/log.ts';
import type { Files } from '../store/files.ts';
import { acceptStream } from './accept-stream.ts';
import { GuardedSocketServer } from './guarded-socket-server.ts';
import type { Handlers } from './handlers.ts';
import { RpcConnection } from './rpc-connection.ts';
import { lastWord } from './rpc-error.ts';
import type { RunDirectoryClaim } from './run-directory-claim.ts';
import type { StreamBroker } from './stream-broker.ts';
import { UserAccounts } from './user-account.ts';
import { wireLimits, type WireLimits } from './wire-limits.ts';

export interface RpcServerOptions {
  readonly files: Pick<Files, 'rpcSocket' | 'streamSocket'>;
  /**
   * Released at the server's end where given. A helper with work left after that keeps it and releases it itself, last.
   */
  readonly claim?: RunDirectoryClaim;
  /** Members of this group may connect; only root where undefined. */
  readonly gid?: number;
  readonly version: string;
  readonly bootId: string;
  readonly handlers: Handlers;
  readonly streams: StreamBroker;
  readonly log: Logger;
  /** Checks what handlers return against the contract; for development and tests. */
  readonly validateResults?: boolean;
  readonly limits?: Partial<WireLimits>;
  /** How much each user may take up; the standard where absent. */
  readonly quotas?: QuotaFile;
}

/** The helper's two sockets: JSON-RPC on one, byte streams on the other. */
export class RpcServer {
  readonly #options: RpcServerOptions;
  readonly #servers: readonly GuardedSocketServer[];

  private constructor(options: RpcServerOptions, servers: readonly GuardedSocketServer[]) {
    this.#options = options;
    this.#servers = servers;
  }

  static async listen(options: RpcServerOptions): Promise<RpcServer> {
    const { streams } = options;
    const log = options.log.child({ component: 'rpc' });
    const limits = { ...wireLimits, ...options.limits };
    const services = { ...options, log, limits, validateResults: options.validateResults ?? false };
    const { quotas } = options;
    const accounts = new UserAccounts(quotas && (() => quotas.current));
    const shared = {
      gid: options.gid,
      connections: limits.connections,
      reservedForRoot: limits.connectionsPerUser,
      lingerMs: limits.lingerMs,
      log,
    };
    const greetingTimeoutMs = limits.messageTimeoutMs;
    const streamServer = await GuardedSocketServer.listen({
      ...shared,
      path: options.files.streamSocket,
      allowHalfOpen: true,
      quota: 'max_streams',
      connectionsPerUser: () => quotas?.current.max_streams ?? limits.connectionsPerUser,
      refusal: () => streamRefused,
      onConnection: (socket, actor) => acceptStream(socket, actor, { streams, log, greetingTimeoutMs }),
    });
    const rpcServer = await GuardedSocketServer.listen({
      ...shared,
      path: options.files.rpcSocket,
      allowHalfOpen: false,
      quota: 'max_connections',
      connectionsPerUser: () => quotas?.current.max_connections ?? limits.connectionsPerUser,
      refusal: lastWord,
      onConnection: (socket, actor) => void new RpcConnection(socket, actor, accounts.of(actor.uid), services),
    });
    return new RpcServer(options, [rpcServer, streamServer]);
  }

  /** Lets go of all clients. Operations and machines go on. */
  async close(): Promise<void> {
    this.#options.streams.close();
    await Promise.all(this.#servers.map((server) => server.close()));
    this.#options.claim?.release();
  }
}
