// SPDX-License-Identifier: MIT
import type { Logger } from '../core/log.ts';
import { denialDocument, type DenialFile } from './denial-record.ts';
import { loadDocument, writeDocument } from './document.ts';

/** Keeps what was refused: to an instance in its directory, to Berth itself beside them. */
export class DenialStore {
  readonly #log: Logger;

  constructor(log: Logger) {
    this.#log = log;
  }

  /**
   * Empty where nothing was refused yet. A file that does not parse is set aside, beside itself.
   * @throws HelperError record.newer
   */
  async read(file: string): Promise<DenialFile> {
    return (await loadDocument(denialDocument, file, this.#log)) ?? { schema: 1, denials: [] };
  }

  async write(file: string, content: DenialFile): Promise<void> {
    await writeDocument(denialDocument, file, content);
  }
}
