// SPDX-License-Identifier: MIT
import { randomBytes } from 'node:crypto';
import { readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { messageOf, storageError } from '../core/errors.ts';
import type { Logger } from '../core/log.ts';
import { makeDirectory } from '../posix/make-directory.ts';
import { isNewer, loadDocument, writeDocument } from './document.ts';
import type { Files } from './files.ts';
import { isUnderstood, ledgerDocument, type LedgerEntry } from './ledger-record.ts';

/** An entry as it is kept. */
export interface LedgerNote<Entry extends LedgerEntry = LedgerEntry> {
  readonly file: string;
  readonly entry: Entry;
}

/**
 * What is done to the computer beyond the records, written down before it is done and struck out when a record tells of
 * it or it is undone. What stands here at a start is brought together with the records
 * (instances/reconcile/settle-ledger.ts).
 */
export class Ledger {
  readonly #directory: string;
  readonly #log: Logger;

  constructor(files: Pick<Files, 'ledger'>, log: Logger) {
    this.#directory = files.ledger;
    this.#log = log;
  }

  /** Durable when it resolves. @throws HelperError storage.failed, storage.disk-full: nothing is to be done then */
  async note<Entry extends LedgerEntry>(entry: Entry): Promise<LedgerNote<Entry>> {
    const file = path.join(this.#directory, `${randomBytes(6).toString('hex')}.json`);
    try {
      await makeDirectory(this.#directory, 0o700);
      await writeDocument(ledgerDocument, file, entry);
    } catch (error) {
      throw storageError('write', file, error);
    }
    return { file, entry };
  }

  /** A strike that is lost does no harm: the entry is settled once more. */
  async strike({ file }: LedgerNote): Promise<void> {
    await rm(file, { force: true }).catch((error: unknown) =>
      this.#log.warn(
        { file, reason: messageOf(error) },
        'an entry of the ledger could not be struck out; the next start settles it',
      ),
    );
  }

  /** What stands here. An entry that cannot be read is set aside; one of a later version's stays, and is left to it. */
  async notes(): Promise<readonly LedgerNote[]> {
    const names = await readdir(this.#directory).catch(() => []); // none yet
    const notes = await Promise.all(
      names
        .filter((name) => name.endsWith('.json'))
        .map(async (name) => await this.#read(path.join(this.#directory, name))),
    );
    return notes.flat();
  }

  async #read(file: string): Promise<LedgerNote[]> {
    const entry = await loadDocument(ledgerDocument, file, this.#log).catch((error: unknown) => {
      if (isNewer(error)) return 'newer' as const;
      throw error;
    });
    if (entry === undefined) return [];
    if (entry !== 'newer' && isUnderstood(entry)) return [{ file, entry }];
    this.#log.warn({ file }, 'an entry of the ledger is left to the later version of Berth that wrote it');
    return [];
  }
}
