// SPDX-License-Identifier: MIT
import path from 'node:path';
import { z } from 'zod';
import { storageError } from '../core/errors.ts';
import { KeyedLock } from '../core/keyed-lock.ts';
import { makeDirectory } from '../posix/make-directory.ts';
import { writeDurably } from '../store/durable.ts';
import { readStateFile } from '../store/read-state-file.ts';
import type { Digest } from './download/download-file.ts';

const digest = z.object({ algorithm: z.enum(['sha256', 'sha512']), hex: z.string() });
const entry = digest.extend({ url: z.string() });

const book = z.object({
  schema: z.literal(1),
  /** Those of versions that did not ask whose they are: they count for everybody, and none is added. */
  digests: z.record(z.string(), digest).default({}),
  /** By user id; of each user the oldest first. */
  users: z.record(z.string(), z.array(entry)).default({}),
});
type Book = z.infer<typeof book>;

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
      const { digests, users } = await this.#read();
      const others = (users[uid] ?? []).filter((each) => each.url !== url);
      const own = [...others, { url, algorithm, hex }].slice(-mostOfOneUser);
      await makeDirectory(path.dirname(this.#file), 0o700);
      await writeDurably(
        this.#file,
        JSON.stringify({ schema: 1, digests, users: { ...users, [uid]: own } } satisfies Book),
      );
    });
  }

  async #read(): Promise<Book> {
    try {
      return book.parse(JSON.parse((await readStateFile(this.#file)) ?? '{"schema":1}'));
    } catch (error) {
      throw storageError('read', this.#file, error);
    }
  }
}
