// SPDX-License-Identifier: MIT
import { storageError } from '../core/errors.ts';
import type { Logger } from '../core/log.ts';
import { denialFile, type DenialFile } from './denial-record.ts';
import { writeDurably } from './durable.ts';
import { loadStateFile } from './load-state-file.ts';

/** Keeps what was refused: to an instance in its directory, to Berth itself beside them. */
export class DenialStore {
  readonly #log: Logger;

  constructor(log: Logger) {
    this.#log = log;
  }

  /** Empty where nothing was refused yet. A file that does not parse is set aside, beside itself. */
  async read(file: string): Promise<DenialFile> {
    return (await loadStateFile(file, (content) => denialFile.parse(content), this.#log)) ?? { schema: 1, denials: [] };
  }

  async write(file: string, content: DenialFile): Promise<void> {
    try {
      await writeDurably(file, `${JSON.stringify(content, null, 1)}\n`);
    } catch (error) {
      throw storageError('write', file, error);
    }
  }
}
