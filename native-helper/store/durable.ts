// SPDX-License-Identifier: MIT
import { randomBytes } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';
import path from 'node:path';

/**
 * Replaces a file so that after a power cut there is the old content or the new, never a part:
 * exclusive temporary file beside it, fsync, rename, fsync of the directory (without the last the
 * rename itself may be lost, fsync(2)).
 */
export async function writeDurably(file: string, content: string | Uint8Array, mode = 0o600): Promise<void> {
  const temporary = temporaryOf(file);
  try {
    const handle = await open(temporary, 'wx', mode);
    try {
      await handle.writeFile(content);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, file);
  } catch (error) {
    // the next start removes it; the first fault is the one to tell
    await rm(temporary, { force: true }).catch(() => {});
    throw error;
  }
  await syncDirectory(path.dirname(file));
}

/** Beside the file, which it is to be renamed to. {@link isTemporary} knows it. */
export function temporaryOf(file: string): string {
  return path.join(path.dirname(file), `.${path.basename(file)}.${randomBytes(6).toString('hex')}`);
}

/** Whether a name is that of the temporary file of a write: one that is there at a start was cut short. */
export function isTemporary(name: string): boolean {
  return /^\..+\.[0-9a-f]{12}$/.test(name) && !name.startsWith('.new-') && !name.startsWith('.gone-');
}

/** Makes the creation, renaming and removal of a directory's entries durable. */
export async function syncDirectory(directory: string): Promise<void> {
  await syncFile(directory);
}

/** Makes what is in a file durable, whoever wrote it. */
export async function syncFile(file: string): Promise<void> {
  const handle = await open(file, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
