// SPDX-License-Identifier: MIT
import { closeSync, constants } from 'node:fs';
import { chmod, lstat, mkdir, open } from 'node:fs/promises';
import path from 'node:path';
import { sentence } from '#messages/say.ts';
import { storageError } from '../../core/errors.ts';
import { plainLines } from '../../core/plain-lines.ts';
import type { MachineSpec } from '../../core/seams/machine-spec.ts';
import type { ProcessRef } from '../../core/seams/processes.ts';
import { makeDirectory } from '../../posix/make-directory.ts';
import { openLog } from '../../posix/open-log.ts';
import { openRegular } from '../../posix/open-regular.ts';
import { removeTree } from '../../posix/remove-tree.ts';
import { boundSocket } from '../../posix/unix-sockets.ts';
import { isAlive } from '../../process/proc-fs.ts';
import { parseDocument, writeDocument } from '../../store/document.ts';
import { stillRuns } from './left-process.ts';
import { processDocument } from './process-document.ts';

/** A log that is longer is begun anew at a start: its beginning was given back by then. */
const longestLogBytes = 1024 * 1024;
/** No longer line explains anything. */
const lineLimit = 1000;

/** The sockets that a machine listens on, as descriptors for it. */
export interface MachineSockets extends Disposable {
  readonly qmp: number;
  readonly serial: number;
}

/**
 * Makes what a machine needs before it starts: an empty directory that only root may enter, and its log and the record
 * of its serial port, which are root's too. The machine gets them as descriptors.
 */
export async function prepareRunFiles(spec: MachineSpec): Promise<void> {
  const { runDirectory: directory } = spec;
  try {
    await makeDirectory(path.dirname(directory), 0o711);
    await chmod(path.dirname(directory), 0o700);
    await removeRunFiles(spec);
    await mkdir(directory, { mode: 0o700 });
    await makeDirectory(path.dirname(spec.consoleLog), 0o711);
    await touch(spec.consoleLog);
    await touch(spec.log, longestLogBytes);
  } catch (error) {
    throw storageError('prepare', directory, error);
  }
}

/** Makes the sockets in the machine's directory; who disposes of them closes the helper's own descriptors. */
export function openMachineSockets({ qmpSocket, serialSocket }: MachineSpec): MachineSockets {
  try {
    const qmp = boundSocket(qmpSocket);
    try {
      const serial = boundSocket(serialSocket);
      return {
        qmp,
        serial,
        [Symbol.dispose]: () => {
          closeSync(qmp);
          closeSync(serial);
        },
      };
    } catch (error) {
      closeSync(qmp);
      throw error;
    }
  } catch (error) {
    throw storageError('prepare', qmpSocket, error);
  }
}

/** Notes which process it is, before it does anything: a helper that dies now leaves one that the next one finds. */
export async function noteProcess(spec: MachineSpec, { pid, startTicks }: ProcessRef): Promise<void> {
  await writeDocument(processDocument, processFile(spec), { pid, startTicks });
}

/** The process that was noted; undefined where none was. */
export async function notedProcess(spec: Pick<MachineSpec, 'runDirectory'>): Promise<ProcessRef | undefined> {
  try {
    await using handle = await openRegular(processFile(spec), { owner: 0, mustBeSingle: true });
    return parseDocument(processDocument, await handle.readFile('utf8'), processFile(spec));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw storageError('read', processFile(spec), error);
  }
}

/**
 * Makes a machine's directory root's own. Where an earlier version started the machine it was the machine's, who could
 * put links to other sockets there; from here on nothing in it changes but by root. Nothing is done where it is not
 * there.
 */
export async function takeOverRunDirectory(spec: MachineSpec): Promise<void> {
  const { runDirectory: directory } = spec;
  try {
    await using handle = await open(directory, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW);
    await handle.chown(0, 0);
    await handle.chmod(0o700);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw storageError('takeOver', directory, error);
  }
}

/**
 * Removes a machine's directory with its sockets, be it the machine's or root's. Without them a machine could be
 * neither found nor reached, so they stay while the process lives that is noted there.
 *
 * @throws HelperError hypervisor.still-runs
 */
export async function removeRunFiles(spec: Pick<MachineSpec, 'runDirectory'>): Promise<void> {
  const ref = await notedProcess(spec).catch(() => undefined); // no note of root's: nothing that it could tell
  if (ref && (await isAlive(ref))) throw stillRuns(ref, sentence('hypervisor.not-ended'));
  await removeTree(spec.runDirectory);
}

/** Bytes of a file now; 0 when there is none. */
export async function sizeOf(file: string): Promise<number> {
  try {
    return (await lstat(file)).size;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 0;
    throw storageError('lookAt', file, error);
  }
}

/**
 * The last lines of a file from an offset on; none when it cannot be read, because they only explain another failure.
 */
export async function lastLinesOf(file: string, fromOffset: number, count = 20): Promise<string[]> {
  const windowBytes = 16 * 1024;
  try {
    await using handle = await openRegular(file);
    const { size } = await handle.stat();
    const start = Math.max(Math.min(fromOffset, size), size - windowBytes);
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(size - start), 0, size - start, start);
    return plainLines(buffer.toString('utf8', 0, bytesRead))
      .map((line) => line.slice(0, lineLimit))
      .slice(-count);
  } catch {
    return [];
  }
}

/** Root's, whoever had it: the machine gets a descriptor that it can write to, and no more. */
async function touch(file: string, longestBytes = Number.POSITIVE_INFINITY): Promise<void> {
  await using handle = await openLog(file);
  if ((await handle.stat()).size > longestBytes) await handle.truncate(0);
  await handle.chown(0, 0);
  await handle.chmod(0o640);
}

function processFile({ runDirectory }: Pick<MachineSpec, 'runDirectory'>): string {
  return path.join(runDirectory, 'process.json');
}
