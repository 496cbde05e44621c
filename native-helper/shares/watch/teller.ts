// SPDX-License-Identifier: MIT
import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { lstat } from 'node:fs/promises';
import { hasEchoed, limits } from './changes.ts';

/** Writes which files are others now, in batches, as fast as they are read. */
export class Teller {
  readonly #report: (line: object) => void;
  readonly #told = new Map<string, string>();

  constructor(report: (line: object) => void) {
    this.#report = report;
  }

  /** Resolves with how many were told, when all are on their way. Paths are bytes in latin1. */
  async tell(paths: Iterable<string>): Promise<number> {
    let told = 0;
    let batch = new Map<string, Buffer>();
    let bytes = 0;
    const send = async (): Promise<void> => {
      if (batch.size > 0) await write(Buffer.concat([...batch.values(), Buffer.from('\0')]));
      told += batch.size;
      batch = new Map();
      bytes = 0;
    };
    for (const path of paths) {
      const entry = await this.#entryOf(path);
      if (entry === undefined) continue;
      const text = Buffer.from(`${entry.mode.toString(8)} ${entry.path}\0`, 'latin1');
      if (text.length > limits.batchBytes) {
        this.#report({ leftOut: 1 });
        continue;
      }
      if (batch.size >= limits.batch || bytes + text.length > limits.batchBytes) await send();
      bytes += text.length;
      batch.set(entry.path, text);
    }
    await send();
    return told;
  }

  /** What to tell of a path: the file, or the folder it is gone from. Nothing where our own telling came back. */
  async #entryOf(path: string): Promise<{ readonly path: string; readonly mode: number } | undefined> {
    const status = await lstat(Buffer.from(path, 'latin1'), { bigint: true }).catch(() => undefined);
    if (!status) {
      const parent = path.slice(0, path.lastIndexOf('/'));
      return parent.length === 0 ? undefined : await this.#entryOf(parent);
    }
    const type = Number(status.mode) & constants.S_IFMT;
    if (type !== constants.S_IFREG && type !== constants.S_IFDIR) return undefined;
    const state = createHash('sha1')
      .update(`${status.ino} ${status.mtimeNs} ${status.size} ${status.mode}`)
      .digest('base64')
      .slice(0, 16);
    return hasEchoed(this.#told, path, state) ? undefined : { path, mode: Number(status.mode) & 0o7777 };
  }
}

async function write(bytes: Buffer): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    process.stdout.write(bytes, (error) => (error ? reject(error) : resolve()));
  });
}
