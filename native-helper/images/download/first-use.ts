// SPDX-License-Identifier: MIT
import path from 'node:path';
import { KeyedLock } from '../../core/keyed-lock.ts';
import { makeDirectory } from '../../posix/make-directory.ts';
import { readDocument, writeDocument } from '../../store/document.ts';
import type { Digest } from './download-file.ts';
import { firstUseDocument, type FirstUseBook } from './first-use-document.ts';

/** Twice the images that a user may have where the administrator says nothing. */
const mostOfOneUser = 100;

/**
 * The digests of what came from users' URLs the first time, each for the user who fetched it: nobody makes another's
 * fetch fail, and nobody's entries push out another's. Of one user the oldest goes.
 */
export class FirstUse {
  readonly #file: string;
  readonly #changes = new KeyedLock<'book'>();

  constructor(directory: string) {
    this.#file = path.join(directory, 'first-use.json');
  }

  /** An unreadable book is an error: trusting anew in silence would defeat it. */
  async digestOf(url: string, uid: number): Promise<Digest | undefined> {
    const { digests, users } = await this.#read();
    const own = users[uid]?.find((each) => each.url === url);
    return own ? { algorithm: own.algorithm, hex: own.hex } : digests[url];
  }

  async record(url: string, uid: number, { algorithm, hex }: Digest): Promise<void> {
    await this.#changes.hold('book', async () => {
      const book = await this.#read();
      const { users } = book;
      const others = (users[uid] ?? []).filter((each) => each.url !== url);
      const own = [...others, { url, algorithm, hex }].slice(-mostOfOneUser);
      await makeDirectory(path.dirname(this.#file), 0o700);
      await writeDocument(firstUseDocument, this.#file, { ...book, users: { ...users, [uid]: own } });
    });
  }

  async #read(): Promise<FirstUseBook> {
    return (await readDocument(firstUseDocument, this.#file)) ?? { schema: 1, digests: {}, users: {} };
  }
}
