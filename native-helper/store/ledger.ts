// SPDX-License-Identifier: MIT
import { randomBytes } from 'node:crypto';
import { readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { messageOf, storageError } from '../core/errors.ts';
import type { Logger } from '../core/log.ts';
import { writeDurably } from './durable.ts';
import type { Files } from './files.ts';
import { instanceRecord } from './instance-record.ts';
import { loadStateFile } from './load-state-file.ts';
import { makeDirectory } from '../posix/make-directory.ts';

const credentials = instanceRecord.shape.owner;

/** An effect on the computer that no record tells of, or not yet. */
const ledgerEntry = z.discriminatedUnion('kind', [
  /** The machine's user is being let to a user's file, or kept from it. */
  z.object({
    schema: z.literal(1),
    kind: z.literal('access'),
    instance: z.string(),
    machine: credentials,
    giver: credentials,
    path: z.string(),
  }),
  /** What was made around a machine that is over could not all be taken away. */
  z.object({
    schema: z.literal(1),
    kind: z.literal('machine'),
    spec: instanceRecord.shape.machine.unwrap().shape.spec,
  }),
]);
type LedgerEntry = z.infer<typeof ledgerEntry>;
export type AccessNote = Extract<LedgerEntry, { kind: 'access' }>;

/** An entry as it is kept. */
export interface LedgerNote<Entry extends LedgerEntry = LedgerEntry> {
  readonly file: string;
  readonly entry: Entry;
}

/**
 * What is done to the computer beyond the records, written down before it is done and struck out when a record tells of
 * it or it is undone. What stands here at a start is brought together with the records (instances/settle-ledger.ts).
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
      await writeDurably(file, JSON.stringify(entry));
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

  /** What stands here. An entry that cannot be read is set aside. */
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
    const entry = await loadStateFile(file, (content) => ledgerEntry.parse(content), this.#log);
    return entry === undefined ? [] : [{ file, entry }];
  }
}
