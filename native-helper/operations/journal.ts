// SPDX-License-Identifier: MIT
import { mkdir, readdir, readFile, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { operationId, timestamp, type OperationId } from '#contract/names.ts';
import { operationKind } from '#contract/operations.ts';
import { HelperError, messageOf } from '../core/errors.ts';
import { KeyedLock } from '../core/keyed-lock.ts';
import type { Logger } from '../core/log.ts';
import { syncDirectory, writeDurably } from '../store/durable.ts';
import type { Files } from '../store/files.ts';

/** What a new helper has to know of an operation that was under way when the last one ended. */
export const journalEntry = z.looseObject({
  schema: z.literal(1),
  id: operationId,
  kind: operationKind,
  target: z.string(),
  ownerUid: z.int(),
  actor: z.object({ uid: z.int(), gid: z.int(), pid: z.int() }),
  startedAt: timestamp,
  /** The point of no return was reached: to be finished rather than undone. */
  isPastReturn: z.boolean(),
  /** What the operation was started with, as its starter chose to keep it. */
  data: z.unknown().optional(),
  /** What the operation noted on its way, oldest first. */
  notes: z.array(z.unknown()),
});
export type JournalEntry = z.infer<typeof journalEntry>;

/** The files `operations/<id>.json`: one for each operation under way, gone when it has ended. */
export class Journal {
  readonly #files: Pick<Files, 'operations' | 'operation'>;
  readonly #log: Logger;
  /** Writes of one entry stay in order. */
  readonly #writes = new KeyedLock<OperationId>();

  constructor(files: Pick<Files, 'operations' | 'operation'>, log: Logger) {
    this.#files = files;
    this.#log = log;
  }

  /** Durable when it resolves. Rejects with storage.failed. */
  async write(entry: JournalEntry): Promise<void> {
    const file = this.#files.operation(entry.id);
    const content = `${JSON.stringify(entry, undefined, 2)}\n`;
    await this.#writes.hold(entry.id, async () => {
      try {
        await mkdir(this.#files.operations, { recursive: true, mode: 0o700 });
        await writeDurably(file, content);
      } catch (error) {
        throw new HelperError('storage.failed', { action: 'write', path: file, reason: messageOf(error) }, { cause: error });
      }
    });
  }

  async remove(id: OperationId): Promise<void> {
    await this.#writes.hold(id, async () => {
      await rm(this.#files.operation(id), { force: true });
      await syncDirectory(this.#files.operations);
    });
  }

  /** What the last helper left, oldest first. To be read once at start, before any operation. Unreadable ones are set aside. */
  async leftovers(): Promise<readonly JournalEntry[]> {
    const entries: JournalEntry[] = [];
    for (const name of await this.#names()) {
      const file = path.join(this.#files.operations, name);
      if (isUnfinishedWrite(name)) await rm(file, { force: true });
      else if (name.endsWith('.json')) entries.push(...(await this.#read(file)));
    }
    return entries.sort((a, b) => a.startedAt.localeCompare(b.startedAt));
  }

  async #names(): Promise<string[]> {
    try {
      return await readdir(this.#files.operations);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
      throw new HelperError('storage.failed', { action: 'read', path: this.#files.operations, reason: messageOf(error) }, { cause: error });
    }
  }

  async #read(file: string): Promise<JournalEntry[]> {
    const text = await readFile(file, 'utf8');
    try {
      return [journalEntry.parse(JSON.parse(text))];
    } catch (error) {
      const aside = `${file}.corrupt-${new Date().toISOString().replace(/[:.]/g, '-')}`;
      await rename(file, aside);
      await syncDirectory(this.#files.operations);
      this.#log.error({ err: error, aside }, 'an operation\'s journal cannot be read and was set aside');
      return [];
    }
  }
}

/** The temporary file of a write that a crash cut short (store/durable.ts); the entry itself is whole. */
function isUnfinishedWrite(name: string): boolean {
  return /^\.op-[0-9a-z]+\.json\.[0-9a-f]{12}$/.test(name);
}
