// SPDX-License-Identifier: MIT
import { readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import type { OperationId } from '#contract/names.ts';
import { storageError } from '../core/errors.ts';
import { KeyedLock } from '../core/keyed-lock.ts';
import type { Logger } from '../core/log.ts';
import { makeDirectory } from '../posix/make-directory.ts';
import { isNewer, loadDocument, writeDocument } from '../store/document.ts';
import { isTemporary, syncDirectory } from '../store/durable.ts';
import type { Reserve } from '../store/reserve.ts';
import type { Files } from '../store/files.ts';
import { journalDocument, type JournalEntry } from './journal-document.ts';

/** What gives room back, or leads to it. */
const freeing: readonly JournalEntry['kind'][] = ['stop', 'delete', 'purge'];

/** The files `operations/<id>.json`: one for each operation under way, gone when it has ended. */
export class Journal {
  readonly #files: Pick<Files, 'operations' | 'operation'>;
  readonly #log: Logger;
  readonly #reserve: Reserve | undefined;
  /** Writes of one entry stay in order. */
  readonly #writes = new KeyedLock<OperationId>();

  constructor(files: Pick<Files, 'operations' | 'operation'>, log: Logger, reserve?: Reserve) {
    this.#files = files;
    this.#log = log;
    this.#reserve = reserve;
  }

  /** Durable when it resolves. Rejects with storage.failed. */
  async write(entry: JournalEntry): Promise<void> {
    const file = this.#files.operation(entry.id);
    const write = async (): Promise<void> => {
      try {
        await makeDirectory(this.#files.operations, 0o700);
        await writeDocument(journalDocument, file, entry);
      } catch (error) {
        throw storageError('write', file, error);
      }
    };
    await this.#writes.hold(
      entry.id,
      async () => await (this.#reserve && freeing.includes(entry.kind) ? this.#reserve.whenFull(write) : write()),
    );
  }

  async remove(id: OperationId): Promise<void> {
    await this.#writes.hold(id, async () => {
      await rm(this.#files.operation(id), { force: true });
      await syncDirectory(this.#files.operations);
    });
  }

  /**
   * What the last helper left, oldest first. To be read once at start, before any operation. Unreadable ones are set
   * aside; those of a later version stay, and are left to it.
   */
  async leftovers(): Promise<readonly JournalEntry[]> {
    const entries: JournalEntry[] = [];
    for (const name of await this.#names()) {
      // the next start tries again
      if (isTemporary(name)) await rm(path.join(this.#files.operations, name), { force: true }).catch(() => {});
      else if (name.endsWith('.json')) entries.push(...(await this.#read(path.join(this.#files.operations, name))));
    }
    return entries.sort((a, b) => a.startedAt.localeCompare(b.startedAt));
  }

  async #names(): Promise<string[]> {
    try {
      return await readdir(this.#files.operations);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
      throw storageError('read', this.#files.operations, error);
    }
  }

  async #read(file: string): Promise<JournalEntry[]> {
    try {
      const entry = await loadDocument(journalDocument, file, this.#log);
      return entry === undefined ? [] : [entry];
    } catch (error) {
      if (!isNewer(error)) throw error;
      this.#log.warn({ file }, 'an operation under way is left to the later version of Berth that wrote it down');
      return [];
    }
  }
}
