// SPDX-License-Identifier: MIT
import { open, stat, type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { messageOf } from '../../core/errors.ts';
import type { Logger } from '../../core/log.ts';
import { watchChanges } from '../../posix/watch-changes.ts';

const chunkBytes = 64 * 1024;
/** auditd writes no longer lines (MAX_AUDIT_MESSAGE_LENGTH, libaudit.h). */
const longestLine = 16 * 1024;

/**
 * Follows auditd's file until the signal, from its first line on, through rotations: where auditd runs, the kernel
 * hands it its records and prints none. Undefined when there is no such directory.
 */
export async function followAuditFile(
  file: string,
  log: Logger,
  onLine: (line: string) => void,
  signal: AbortSignal,
): Promise<'following' | undefined> {
  const directory = path.dirname(file);
  if (
    !(await stat(directory).then(
      (found) => found.isDirectory(),
      () => false,
    ))
  )
    return undefined;
  const follower = new Follower(file, onLine);
  let isReading = false;
  let isAgain = false;
  const read = async (): Promise<void> => {
    isAgain = true;
    if (isReading) return;
    isReading = true;
    while (isAgain && !signal.aborted) {
      isAgain = false;
      await follower
        .read()
        .catch((error: unknown) => log.warn({ file, reason: messageOf(error) }, 'the audit file could not be read'));
    }
    isReading = false;
  };
  const watcher = watchChanges(directory, {
    onChange: (name) => {
      if (name === undefined || name === path.basename(file)) void read();
    },
    onError: (error) => log.warn({ file, reason: messageOf(error) }, 'the audit file is no longer followed'),
  });
  signal.addEventListener('abort', () => watcher.close(), { once: true });
  signal.addEventListener('abort', () => void follower.close(), { once: true });
  await read();
  return 'following';
}

class Follower {
  readonly #file: string;
  readonly #onLine: (line: string) => void;
  #handle: FileHandle | undefined;
  #offset = 0;
  #rest = '';

  constructor(file: string, onLine: (line: string) => void) {
    this.#file = file;
    this.#onLine = onLine;
  }

  /** Reads what is new; after a rotation the rest of the old file first. */
  async read(): Promise<void> {
    await this.#drain();
    const current = await stat(this.#file).catch(() => undefined); // between a rotation's two steps there is none
    const held = await this.#handle?.stat();
    if (current === undefined || (held?.ino === current.ino && current.size >= this.#offset)) return;
    await this.close();
    this.#handle = await open(this.#file, 'r');
    await this.#drain();
  }

  async close(): Promise<void> {
    const handle = this.#handle;
    this.#handle = undefined;
    this.#offset = 0;
    this.#rest = '';
    await handle?.close();
  }

  async #drain(): Promise<void> {
    const buffer = Buffer.alloc(chunkBytes);
    while (this.#handle) {
      const { bytesRead } = await this.#handle.read(buffer, 0, chunkBytes, this.#offset);
      if (bytesRead === 0) return;
      this.#offset += bytesRead;
      const lines = (this.#rest + buffer.toString('latin1', 0, bytesRead)).split('\n');
      this.#rest = (lines.pop() ?? '').slice(-longestLine);
      for (const line of lines) this.#onLine(Buffer.from(line, 'latin1').toString('utf8'));
    }
  }
}
