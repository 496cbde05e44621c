// SPDX-License-Identifier: MIT
import { createHash } from 'node:crypto';
import { realpath } from 'node:fs/promises';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { makeDirectory } from '../posix/make-directory.ts';
import type { Files } from '../store/files.ts';
import { HelperError } from '../core/errors.ts';
import type { Logger } from '../core/log.ts';
import { peerCredentials } from '../process/peer-credentials.ts';
import { requireSafeRunDirectory } from './require-safe-run-directory.ts';

type RunFiles = Pick<Files, 'runDirectory' | 'rpcSocket'>;

/**
 * The right to serve a run directory, held by one helper at a time: to be taken before anything of
 * the state is read or changed. It is an abstract unix socket, whose name the kernel frees however
 * the holder dies (unix(7)).
 */
export class RunDirectoryClaim {
  readonly #lock: Server | undefined;

  private constructor(lock: Server | undefined) {
    this.#lock = lock;
  }

  /**
   * Makes the run directory where it is missing. Rejects with helper.already-running or helper.run-directory-unsafe.
   */
  static async take(files: RunFiles, log: Logger): Promise<RunDirectoryClaim> {
    await makeDirectory(files.runDirectory, 0o755);
    await requireSafeRunDirectory(files.runDirectory);
    const name = await lockName(files.runDirectory);
    const lock = await bind(name);
    if (lock === undefined && (await holderUid(name)) === process.getuid?.()) throw alreadyRunning(files);
    // Abstract names have no owner: another user may sit on ours, and each network namespace has
    // its own. The socket in the run directory, where only we can write, decides then.
    if (lock === undefined) log.warn({ name: name.slice(1) }, "another user holds the name of the helper's lock");
    if (await isAnswered(files.rpcSocket)) {
      lock?.close();
      throw alreadyRunning(files);
    }
    return new RunDirectoryClaim(lock);
  }

  release(): void {
    this.#lock?.close();
  }
}

async function lockName(runDirectory: string): Promise<string> {
  const digest = createHash('sha256')
    .update(await realpath(runDirectory))
    .digest('hex');
  return `\0berth-helper-${digest.slice(0, 32)}`;
}

async function bind(name: string): Promise<Server | undefined> {
  const server = createServer((socket) => socket.destroy());
  const { promise, resolve, reject } = Promise.withResolvers<Server | undefined>();
  server.once('error', (error: NodeJS.ErrnoException) =>
    error.code === 'EADDRINUSE' ? resolve(undefined) : reject(error),
  );
  server.listen(name, () => resolve(server.unref()));
  return promise;
}

/** The user that listens on a socket; undefined when nobody does any more. */
async function holderUid(name: string): Promise<number | undefined> {
  const socket = await tryConnect(name);
  if (socket === undefined) return undefined;
  try {
    return peerCredentials(socket).uid;
  } catch {
    // Gone again between connect and question; the probe of the run directory decides.
    return undefined;
  } finally {
    socket.destroy();
  }
}

async function isAnswered(path: string): Promise<boolean> {
  const socket = await tryConnect(path);
  socket?.destroy();
  return socket !== undefined;
}

async function tryConnect(path: string): Promise<Socket | undefined> {
  const socket = connect(path);
  const { promise, resolve } = Promise.withResolvers<Socket | undefined>();
  socket.once('connect', () => resolve(socket));
  socket.on('error', () => resolve(undefined));
  return promise;
}

function alreadyRunning(files: RunFiles): HelperError {
  return new HelperError('helper.already-running', { path: files.rpcSocket });
}
