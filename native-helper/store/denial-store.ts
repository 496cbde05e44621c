// SPDX-License-Identifier: MIT
import { readFile } from 'node:fs/promises';
import { HelperError, messageOf } from '../core/errors.ts';
import type { Logger } from '../core/log.ts';
import { denialFile, type DenialFile } from './denial-record.ts';
import { writeDurably } from './durable.ts';
import { setAside } from './set-aside.ts';

/** Keeps what was refused: to an instance in its directory, to Berth itself beside them. */
export class DenialStore {
  readonly #log: Logger;

  constructor(log: Logger) {
    this.#log = log;
  }

  /** Empty where nothing was refused yet. A file that does not parse is set aside, beside itself. */
  async read(file: string): Promise<DenialFile> {
    const empty: DenialFile = { schema: 1, denials: [] };
    let text: string;
    try {
      text = await readFile(file, 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return empty;
      throw new HelperError('storage.failed', { action: 'read', path: file, reason: messageOf(error) }, { cause: error });
    }
    try {
      return denialFile.parse(JSON.parse(text));
    } catch (error) {
      this.#log.error({ file, aside: await setAside(file), reason: messageOf(error) }, 'unreadable denials set aside');
      return empty;
    }
  }

  async write(file: string, content: DenialFile): Promise<void> {
    try {
      await writeDurably(file, `${JSON.stringify(content, null, 1)}\n`);
    } catch (error) {
      throw new HelperError('storage.failed', { action: 'write', path: file, reason: messageOf(error) }, { cause: error });
    }
  }
}
