// SPDX-License-Identifier: MIT
import { mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { HelperError, messageOf } from '../core/errors.ts';
import { writeDurably } from '../store/durable.ts';
import type { Digest } from './download/download-file.ts';

const book = z.object({ schema: z.literal(1), digests: z.record(z.string(), z.object({ algorithm: z.enum(['sha256', 'sha512']), hex: z.string() })) });

/** The digests of what came from users' URLs the first time. */
export class FirstUse {
  readonly #file: string;

  constructor(directory: string) {
    this.#file = path.join(directory, 'first-use.json');
  }

  /** An unreadable book is an error: trusting anew in silence would defeat it. */
  async digestOf(url: string): Promise<Digest | undefined> {
    return (await this.#read()).digests[url];
  }

  async record(url: string, digest: Digest): Promise<void> {
    const { digests } = await this.#read();
    await mkdir(path.dirname(this.#file), { recursive: true, mode: 0o700 });
    await writeDurably(this.#file, JSON.stringify({ schema: 1, digests: { ...digests, [url]: digest } }));
  }

  async #read(): Promise<z.infer<typeof book>> {
    try {
      return book.parse(JSON.parse(await readFile(this.#file, 'utf8')));
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return { schema: 1, digests: {} };
      throw new HelperError('storage.failed', { action: 'read', path: this.#file, reason: messageOf(error) }, { cause: error });
    }
  }
}
