// SPDX-License-Identifier: MIT
import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { open, rename, rm, type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { fingerprint, type Fingerprint } from '#contract/names.ts';
import { sentence } from '#messages/say.ts';
import type { Sentence } from '#messages/sentence.ts';
import { HelperError, messageOf, storageError } from '../../core/errors.ts';
import type { Logger } from '../../core/log.ts';
import { openRegular } from '../../posix/open-regular.ts';
import { syncDirectory } from '../../store/durable.ts';
import type { InstanceFiles } from '../../store/files.ts';
import type { SuspendedRecord } from '../../store/suspended-record.ts';

type Memory = SuspendedRecord['memory'];
type Places = Pick<InstanceFiles, 'directory' | 'memory' | 'memoryPart'>;

/** Root's alone, by descriptor: no name in there is a machine's to change. */
const rootsOwn = { owner: 0, mustBePrivate: true, mustBeSingle: true } as const;
const chunkBytes = 1024 ** 2;

/** An empty file for a machine to write to; whatever lies there is of a save that did not come to its end. */
export async function beginMemory({ memoryPart }: Places): Promise<FileHandle> {
  try {
    await rm(memoryPart, { force: true });
    return await open(
      memoryPart,
      constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW,
      0o600,
    );
  } catch (error) {
    throw storageError('create', memoryPart, error);
  }
}

/** More than a machine's memory takes in its file: each page has a head, and devices and firmware come on top. */
export function mostFileBytes(memoryBytes: number): number {
  return memoryBytes + Math.ceil(memoryBytes / 64) + 256 * 1024 ** 2;
}

/**
 * Makes durable what was written, and gives it its name. Returns what it has to be from now on. `requireSize` refuses
 * by throwing what is too much to be read.
 */
export async function keepMemory(
  places: Places,
  written: FileHandle,
  requireSize: (bytes: number) => void,
  signal: AbortSignal,
): Promise<Memory> {
  const { directory, memory, memoryPart } = places;
  try {
    requireSize((await written.stat()).size);
    await written.sync();
    await using handle = await openRegular(memoryPart, rootsOwn);
    const { size } = await handle.stat();
    requireSize(size);
    const digest = await digestOf(handle, size, signal);
    await rename(memoryPart, memory);
    await syncDirectory(directory);
    return { bytes: size, digest };
  } catch (error) {
    signal.throwIfAborted();
    throw storageError('keep', memoryPart, error);
  }
}

/**
 * Opens the memory of a suspended instance, which has to be what was saved to the bit: QEMU would notice no bit that
 * was turned over. It stands at its beginning.
 *
 * @throws HelperError memory.damaged, also where something else is in its place; storage.failed
 */
export async function openMemory(
  { memory }: Places,
  { spec: { instance: name }, memory: expected }: SuspendedRecord,
  signal: AbortSignal,
): Promise<FileHandle> {
  let handle: FileHandle;
  try {
    handle = await openRegular(memory, rootsOwn);
  } catch (error) {
    const reason = whatIsThere(error);
    if (reason) throw new HelperError('memory.damaged', { name, reason }, { cause: error });
    throw storageError('open', memory, error);
  }
  try {
    const { size } = await handle.stat();
    if (size !== expected.bytes) {
      const values = { bytes: String(size), expected: String(expected.bytes) };
      throw new HelperError('memory.damaged', { name, reason: sentence('saved.memory-length', values) });
    }
    if ((await digestOf(handle, size, signal)) !== expected.digest)
      throw new HelperError('memory.damaged', { name, reason: sentence('saved.memory-digest') });
    return handle;
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/** What is in place of the file that was saved; undefined where it could not be looked at. */
function whatIsThere(error: unknown): Sentence | undefined {
  if (error instanceof HelperError) return error.sentences['reason'];
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT') return sentence('saved.memory-missing');
  return code === 'ELOOP' || code === 'ENXIO' ? sentence('storage.no-regular-file') : undefined;
}

/** Takes away what no record tells of, or what a record told of until now. What stays is taken by the next start. */
export async function removeMemory({ directory, memory, memoryPart }: Places, log: Logger): Promise<void> {
  for (const file of [memory, memoryPart])
    await rm(file, { force: true }).catch((error: unknown) =>
      log.warn({ file: path.relative(directory, file), directory, reason: messageOf(error) }, 'memory was not removed'),
    );
}

/**
 * Of so many bytes and no more: whoever still writes holds up nobody. By positions of its own: where the descriptor
 * stands is for who gets it. A part is read while another is hashed.
 */
async function digestOf(handle: FileHandle, bytes: number, signal: AbortSignal): Promise<Fingerprint> {
  const hash = createHash('sha256');
  let [current, spare] = [Buffer.allocUnsafe(chunkBytes), Buffer.allocUnsafe(chunkBytes)];
  const read = async (into: Buffer, from: number): Promise<{ readonly bytesRead: number }> =>
    await handle.read(into, 0, Math.min(chunkBytes, bytes - from), from);
  let reading = read(current, 0);
  for (let position = 0; ;) {
    const { bytesRead } = await reading;
    signal.throwIfAborted();
    if (bytesRead === 0) return fingerprint.parse(hash.digest('hex'));
    position += bytesRead;
    reading = read(spare, position);
    reading.catch(() => {}); // thrown where it is waited for
    hash.update(current.subarray(0, bytesRead));
    [current, spare] = [spare, current];
  }
}
