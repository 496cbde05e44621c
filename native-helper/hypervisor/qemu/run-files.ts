// SPDX-License-Identifier: MIT
import { constants } from 'node:fs';
import { chmod, chown, lstat, mkdir, open, rm } from 'node:fs/promises';
import path from 'node:path';
import { HelperError, messageOf } from '../../core/errors.ts';
import type { MachineSpec } from '../../core/seams/hypervisor.ts';
import type { Credentials } from '../../core/seams/processes.ts';

/** sun_path of unix(7) holds 108 bytes with the NUL. */
const socketPathBytes = 107;

/**
 * Makes what QEMU needs before it starts: an empty run directory that belongs to the machine's user
 * alone, and the record of its serial port, which it may append to.
 */
export async function prepareRunFiles(spec: MachineSpec, owner: Credentials): Promise<void> {
  for (const socket of [spec.qmpSocket, spec.serialSocket]) {
    if (Buffer.byteLength(socket) > socketPathBytes) throw new HelperError('internal.bug', { reason: `the socket path ${socket} is longer than ${socketPathBytes} bytes` });
  }
  const directory = path.dirname(spec.qmpSocket);
  try {
    await mkdir(path.dirname(directory), { recursive: true, mode: 0o711 });
    await removeRunFiles(spec);
    await mkdir(directory, { mode: 0o700 });
    await chown(directory, owner.uid, owner.gid);
    await chmod(directory, 0o700);
    await mkdir(path.dirname(spec.consoleLog), { recursive: true, mode: 0o711 });
    await touchFor(owner, spec.consoleLog);
    await touchFor({ uid: 0, gid: 0 }, spec.log);
  } catch (error) {
    throw new HelperError('storage.failed', { action: 'prepare', path: directory, reason: messageOf(error) }, { cause: error });
  }
}

/** Removes sockets, pid file and their directory. Its entries are the machine user's, so nothing in it is followed. */
export async function removeRunFiles(spec: MachineSpec): Promise<void> {
  await rm(path.dirname(spec.qmpSocket), { recursive: true, force: true });
}

/** Bytes of a file now; 0 when there is none. */
export async function sizeOf(file: string): Promise<number> {
  try {
    return (await lstat(file)).size;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 0;
    throw new HelperError('storage.failed', { action: 'look at', path: file, reason: messageOf(error) }, { cause: error });
  }
}

/** The last lines of a file from an offset on; none when it cannot be read, because they only explain another failure. */
export async function lastLinesOf(file: string, fromOffset: number, count = 20): Promise<string[]> {
  const windowBytes = 16 * 1024;
  try {
    await using handle = await open(file, constants.O_RDONLY | constants.O_NOFOLLOW);
    const { size } = await handle.stat();
    const start = Math.max(Math.min(fromOffset, size), size - windowBytes);
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(size - start), 0, size - start, start);
    return buffer.toString('utf8', 0, bytesRead).split('\n').filter((line) => line.trim() !== '').slice(-count);
  } catch {
    return [];
  }
}

async function touchFor({ uid, gid }: Credentials, file: string): Promise<void> {
  await using handle = await open(file, constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_NOFOLLOW, 0o640);
  await handle.chown(uid, gid);
}
