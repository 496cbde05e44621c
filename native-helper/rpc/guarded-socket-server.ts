// SPDX-License-Identifier: MIT
import { constants } from 'node:fs';
import { chmod, chown, lstat, open, rm } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import path from 'node:path';
import { sentence } from '#messages/say.ts';
import { quotaExceeded, type QuotaName } from '../confinement/administrator/quotas.ts';
import { HelperError } from '../core/errors.ts';
import { reasonFrom, SaidError } from '../core/said-error.ts';
import type { Logger } from '../core/log.ts';
import type { Actor } from '../core/seams/operation.ts';
import { atSelf } from '../posix/at.ts';
import { oPath } from '../posix/o-path.ts';
import { renameNew } from '../posix/rename-new.ts';
import { peerCredentials } from '../process/peer-credentials.ts';
import { setAside } from '../store/set-aside.ts';

export interface SocketServerOptions {
  readonly path: string;
  /** The group whose members may connect; the socket is left to its owner where undefined. */
  readonly gid: number | undefined;
  /** Whether a client may end its direction and go on reading. */
  readonly allowHalfOpen: boolean;
  /** Places for all users but root. */
  readonly connections: number;
  readonly connectionsPerUser: () => number;
  /** Places that only root can take. */
  readonly reservedForRoot: number;
  /** What says how many a user may have. */
  readonly quota: QuotaName;
  /** What is written to one too many. */
  readonly refusal: (error: HelperError) => string;
  /** How long such a one is kept, so that it can read that. */
  readonly lingerMs: number;
  readonly log: Logger;
  /** A connection whose user is known. It is destroyed when this throws. */
  readonly onConnection: (socket: Socket, actor: Actor) => void;
}

const writableByOthers = 0o022;

/** How many refused connections are kept at once for their users to read why. */
const mostLingering = 32;

/** A unix socket, mode 0660 root:<group>, that knows who is behind each connection. */
export class GuardedSocketServer {
  readonly #options: SocketServerOptions;
  readonly #server: Server;
  /** Of each user, oldest first. */
  readonly #sockets = new Map<number, Set<Socket>>();
  readonly #lingering = new Set<Socket>();
  /** What lies in its place otherwise is somebody else's. */
  #isInPlace = false;

  private constructor(options: SocketServerOptions) {
    this.#options = options;
    this.#server = createServer({ allowHalfOpen: options.allowHalfOpen }, (socket) => this.#accept(socket));
    // the one more is looked at and refused
    this.#server.maxConnections = options.connections + options.reservedForRoot + mostLingering + 1;
    this.#server.on('drop', () => options.log.warn({ path: options.path }, 'connection refused: there are too many'));
  }

  /** Takes the place of a socket that a dead helper left. Rejects with helper.socket-blocked. */
  static async listen(options: SocketServerOptions): Promise<GuardedSocketServer> {
    const server = new GuardedSocketServer(options);
    const made = madeAt(options.path);
    await makeWay(made, options.log);
    await makeWay(options.path, options.log);
    await server.#bind(made);
    try {
      await letIn(made, options.gid);
      await renameNew(made, options.path);
      server.#isInPlace = true;
    } catch (error) {
      await server.close();
      throw new HelperError(
        'helper.socket-blocked',
        { path: options.path, reason: reasonFrom(error) },
        { cause: error },
      );
    }
    return server;
  }

  /** Ends all connections and removes the socket. */
  async close(): Promise<void> {
    if (this.#isInPlace) await rm(this.#options.path, { force: true });
    const closed = Promise.withResolvers<void>();
    this.#server.close(() => closed.resolve());
    for (const socket of [...this.#lingering, ...[...this.#sockets.values()].flatMap((each) => [...each])])
      socket.destroy();
    await closed.promise;
  }

  /**
   * Nobody gets in between bind and chmod: the helper's umask leaves others no right to write, which connect(2) takes.
   * It is not changed for this, because it is that of all threads, and one may be making a directory.
   */
  async #bind(place: string): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#server.once('error', reject);
    this.#server.listen({ path: place, backlog: 512 }, () => resolve());
    await promise;
    this.#server.off('error', reject);
    this.#server.on('error', (error) => this.#options.log.error({ err: error }, 'listening failed'));
  }

  #accept(socket: Socket): void {
    try {
      const actor = peerCredentials(socket);
      const { connectionsPerUser, reservedForRoot, quota } = this.#options;
      const limit = actor.uid === 0 ? reservedForRoot : connectionsPerUser();
      if (this.#countOf(actor.uid) >= limit || !this.#makeRoom(actor.uid))
        return this.#refuse(socket, quotaExceeded(quota, actor.uid, limit));
      this.#keep(socket, actor.uid);
      this.#options.onConnection(socket, actor);
    } catch (error) {
      this.#options.log.warn({ err: error, path: this.#options.path }, 'connection refused');
      socket.destroy();
    }
  }

  #keep(socket: Socket, uid: number): void {
    const own = this.#sockets.get(uid) ?? new Set();
    this.#sockets.set(uid, own.add(socket));
    socket.once('close', () => {
      own.delete(socket);
      if (own.size === 0 && this.#sockets.get(uid) === own) this.#sockets.delete(uid);
    });
  }

  /**
   * However many users fill the places together, who has fewer than another gets one: the newest of whoever has most is
   * closed for it.
   */
  #makeRoom(uid: number): boolean {
    const users = [...this.#sockets].filter(([each]) => each !== 0);
    const total = users.reduce((sum, [, { size }]) => sum + size, 0);
    if (uid === 0 || total < this.#options.connections) return true;
    const [, most] = users.reduce((one, other) => (other[1].size > one[1].size ? other : one));
    const newest = [...most].at(-1);
    if (newest === undefined || most.size <= this.#countOf(uid) + 1) return false;
    most.delete(newest);
    newest.destroy();
    return true;
  }

  #refuse(socket: Socket, error: HelperError): void {
    this.#options.log.info({ path: this.#options.path, reason: error.message }, 'connection refused');
    socket.on('error', () => undefined);
    if (this.#lingering.size >= mostLingering) return void socket.destroy();
    this.#lingering.add(socket);
    socket.resume();
    socket.end(this.#options.refusal(error));
    const timer = setTimeout(() => socket.destroy(), this.#options.lingerMs).unref();
    socket.once('close', () => {
      clearTimeout(timer);
      this.#lingering.delete(socket);
    });
  }

  #countOf(uid: number): number {
    return this.#sockets.get(uid)?.size ?? 0;
  }
}

/**
 * Where a socket is made, beside its place and with no longer a name. Whoever finds one in its place may connect
 * already, where he may at all: in the making it would tell him that he is not of the group.
 */
function madeAt(place: string): string {
  return path.join(path.dirname(place), `.${path.basename(place, '.sock')}.new`);
}

/** Gives our own socket to the group, and nothing else: no link that lies in its place by now is followed. */
async function letIn(place: string, gid: number | undefined): Promise<void> {
  const handle = await open(place, oPath | constants.O_NOFOLLOW);
  try {
    const found = await handle.stat();
    if (!found.isSocket() || found.uid !== process.geteuid?.() || found.nlink !== 1)
      throw new SaidError(sentence('request.replaced-meanwhile'));
    if ((found.mode & writableByOthers) !== 0) throw new SaidError(sentence('request.other-umask'));
    if (gid !== undefined) await chown(atSelf(handle.fd), found.uid, gid);
    await chmod(atSelf(handle.fd), 0o660);
  } finally {
    await handle.close();
  }
}

/** What lies there and is no socket is somebody's: it is set aside, never removed. */
async function makeWay(place: string, log: Logger): Promise<void> {
  try {
    const found = await lstat(place).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined;
      throw error;
    });
    if (found === undefined || found.isSocket()) await rm(place, { force: true });
    else
      log.error(
        { path: place, aside: await setAside(place) },
        "what lay in the place of the helper's socket was set aside",
      );
  } catch (error) {
    throw new HelperError('helper.socket-blocked', { path: place, reason: reasonFrom(error) }, { cause: error });
  }
}
