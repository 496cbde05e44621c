// SPDX-License-Identifier: MIT
import { chmod, chown, rm } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import type { Logger } from '../core/log.ts';
import type { Actor } from '../core/seams/operation.ts';
import { peerCredentials } from '../process/peer-credentials.ts';

export interface SocketServerOptions {
  readonly path: string;
  /** The group whose members may connect; the socket is left to its owner where undefined. */
  readonly gid: number | undefined;
  /** Whether a client may end its direction and go on reading. */
  readonly allowHalfOpen: boolean;
  readonly connections: number;
  readonly connectionsPerUser: number;
  readonly log: Logger;
  /** A connection whose user is known. It is destroyed when this throws. */
  readonly onConnection: (socket: Socket, actor: Actor) => void;
}

/** A unix socket, mode 0660 root:<group>, that knows who is behind each connection. */
export class GuardedSocketServer {
  readonly #options: SocketServerOptions;
  readonly #server: Server;
  readonly #sockets = new Map<Socket, number>();

  private constructor(options: SocketServerOptions) {
    this.#options = options;
    this.#server = createServer({ allowHalfOpen: options.allowHalfOpen }, (socket) => this.#accept(socket));
    this.#server.maxConnections = options.connections;
    this.#server.on('drop', () => options.log.warn({ path: options.path }, 'connection refused: there are too many'));
  }

  /** Takes the place of a socket that a dead helper left. */
  static async listen(options: SocketServerOptions): Promise<GuardedSocketServer> {
    const server = new GuardedSocketServer(options);
    await rm(options.path, { force: true });
    await server.#bind();
    if (options.gid !== undefined) await chown(options.path, process.getuid?.() ?? 0, options.gid);
    await chmod(options.path, 0o660);
    return server;
  }

  /** Ends all connections and removes the socket. */
  async close(): Promise<void> {
    const closed = Promise.withResolvers<void>();
    this.#server.close(() => closed.resolve());
    for (const socket of this.#sockets.keys()) socket.destroy();
    await closed.promise;
  }

  /** Nobody gets in between bind and chmod: the socket is made with mode 0600. */
  async #bind(): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#server.once('error', reject);
    const before = process.umask(0o177);
    try {
      // bind(2) happens before this returns.
      this.#server.listen({ path: this.#options.path, backlog: 512 }, () => resolve());
    } finally {
      process.umask(before);
    }
    await promise;
    this.#server.off('error', reject);
    this.#server.on('error', (error) => this.#options.log.error({ err: error }, 'listening failed'));
  }

  #accept(socket: Socket): void {
    try {
      const actor = peerCredentials(socket);
      if (this.#connectionsOf(actor.uid) >= this.#options.connectionsPerUser) throw new Error('the user has too many connections');
      this.#sockets.set(socket, actor.uid);
      socket.once('close', () => this.#sockets.delete(socket));
      this.#options.onConnection(socket, actor);
    } catch (error) {
      this.#options.log.warn({ err: error, path: this.#options.path }, 'connection refused');
      socket.destroy();
    }
  }

  #connectionsOf(uid: number): number {
    let count = 0;
    for (const owner of this.#sockets.values()) if (owner === uid) count += 1;
    return count;
  }
}
