// SPDX-License-Identifier: MIT
import { rm } from 'node:fs/promises';
import path from 'node:path';
import type { RemoteName } from '#contract/names.ts';
import { makeDirectory } from '../../posix/make-directory.ts';
import { readDocument, writeDocument } from '../../store/document.ts';
import { remoteListDocument, type RemoteList } from './remote-list-document.ts';

/** What each remote had when it was last asked, so that it can be launched from at once after a restart. */
export class RemoteCache {
  readonly #directory: string;

  constructor(directory: string) {
    this.#directory = directory;
  }

  /** Undefined where there is none of this URL that can be read: it is fetched again then. */
  async read(name: RemoteName, url: string): Promise<RemoteList | undefined> {
    try {
      const cached = await readDocument(remoteListDocument, this.#file(name));
      return cached?.url === url ? cached : undefined;
    } catch {
      return undefined; // a cache: what cannot be read is as good as not there
    }
  }

  async write(name: RemoteName, list: RemoteList): Promise<void> {
    await makeDirectory(this.#directory, 0o700);
    await writeDocument(remoteListDocument, this.#file(name), { schema: 1, ...list });
  }

  async remove(name: RemoteName): Promise<void> {
    await rm(this.#file(name), { force: true });
  }

  #file(name: RemoteName): string {
    return path.join(this.#directory, `${name}.json`);
  }
}
