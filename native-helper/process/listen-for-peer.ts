// SPDX-License-Identifier: MIT
import { rm } from 'node:fs/promises';
import { createServer, type Socket } from 'node:net';
import { listeningSocket } from './listening-socket.ts';
import { peerCredentials } from './peer-credentials.ts';

export interface PeerListener {
  /** Resolves with the connection of the process that is waited for. Nobody else is given one. */
  readonly connected: Promise<Socket>;
  /** Ends the waiting and takes the socket away; who is connected stays. */
  close(): Promise<void>;
}

/**
 * Listens at a path, in place of what is there, for one process, known by the kernel's word (SO_PEERCRED, unix(7)).
 *
 * @throws Error with the path and why
 */
export async function listenForPeer(path: string, pid: number): Promise<PeerListener> {
  const connected = Promise.withResolvers<Socket>();
  const server = createServer((socket) => {
    if (isFrom(socket, pid)) connected.resolve(socket);
    else socket.destroy();
  });
  server.once('error', connected.reject);
  connected.promise.catch(() => undefined); // nobody may be waiting yet
  await rm(path, { force: true });
  server.listen({ fd: listeningSocket(path) });
  return {
    connected: connected.promise,
    close: async () => {
      server.close();
      await rm(path, { force: true });
    },
  };
}

function isFrom(socket: Socket, pid: number): boolean {
  try {
    return peerCredentials(socket).pid === pid;
  } catch {
    return false; // gone already
  }
}
