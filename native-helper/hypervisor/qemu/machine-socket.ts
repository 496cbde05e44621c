// SPDX-License-Identifier: MIT
import { once } from 'node:events';
import { lstat } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { sentence } from '#messages/say.ts';
import { HelperError } from '../../core/errors.ts';
import { type Reason, reasonFrom, SaidError } from '../../core/said-error.ts';
import type { ProcessRef } from '../../core/seams/processes.ts';
import { peerCredentials } from '../../process/peer-credentials.ts';
import { isAlive, readStatus } from '../../process/proc-fs.ts';

/**
 * Connects to a socket that a machine listens on, and gives the connection away only where that very process does: the
 * kernel's word (SO_PEERCRED) on who called listen(2), as which user, and on when that process was started. Not a byte
 * was sent before.
 *
 * @throws HelperError hypervisor.control-failed; what `signal` aborts with
 */
export async function connectToMachine(path: string, machine: ProcessRef, signal: AbortSignal): Promise<Socket> {
  const socket = await openSocket(path, signal);
  try {
    await requirePeer(socket, machine);
    return socket;
  } catch (error) {
    socket.destroy();
    throw failure(reasonFrom(error), error);
  }
}

async function openSocket(path: string, signal: AbortSignal): Promise<Socket> {
  signal.throwIfAborted();
  // In a directory that root alone can change by now; a link there is one that the machine of an earlier version left.
  const found = await lstat(path).catch((error: unknown) => {
    throw failure(reasonFrom(error), error);
  });
  if (!found.isSocket()) throw failure(sentence('hypervisor.no-socket', { path }), undefined);
  const socket = connect({ path });
  socket.on('error', () => undefined); // 'close' follows; what waits for the connection is told besides
  try {
    await once(socket, 'connect', { signal });
    return socket;
  } catch (error) {
    socket.destroy();
    signal.throwIfAborted();
    throw failure(reasonFrom(error), error);
  }
}

async function requirePeer(socket: Socket, machine: ProcessRef): Promise<void> {
  const peer = peerCredentials(socket);
  const user = /^\d+/.exec((await readStatus(machine.pid))?.get('Uid') ?? '')?.[0];
  const isMachine = peer.pid === machine.pid && String(peer.uid) === user && (await isAlive(machine));
  if (!isMachine) throw new SaidError(sentence('hypervisor.other-listens', { pid: peer.pid, uid: peer.uid }));
}

function failure(reason: Reason, cause: unknown): HelperError {
  return new HelperError('hypervisor.control-failed', { command: 'connect', reason }, { cause });
}
