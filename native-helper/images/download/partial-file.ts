// SPDX-License-Identifier: MIT
import { createHash } from 'node:crypto';
import { lstat, open, readdir, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { makeDirectory } from '../../posix/make-directory.ts';
import { readDocument, writeDocument } from '../../store/document.ts';
import { originDocument, type Origin } from './origin-document.ts';

/** Half a download nobody came back for. */
const abandonedMs = 7 * 24 * 60 * 60_000;

/**
 * A download that is not whole yet: `<key>.partial` and, beside it, where it comes from. It survives
 * the helper, so that the next request goes on with it.
 */
export class PartialFile {
  readonly data: string;
  readonly #side: string;

  /** `what` names the content wanted, such as its digest: another content never shares the file. */
  constructor(directory: string, what: string) {
    const key = createHash('sha256').update(what).digest('hex').slice(0, 32);
    this.data = path.join(directory, `${key}.partial`);
    this.#side = path.join(directory, `${key}.json`);
  }

  /** How much is there, and from where; nothing where either part is missing or unreadable. */
  async state(): Promise<{ readonly bytes: number; readonly origin: Origin } | undefined> {
    try {
      const origin = await readDocument(originDocument, this.#side);
      return origin && { bytes: (await stat(this.data)).size, origin };
    } catch {
      return undefined; // nothing to go on with: it begins anew
    }
  }

  async note(origin: Origin): Promise<void> {
    await writeDocument(originDocument, this.#side, { schema: 1, ...origin });
  }

  async create(): Promise<void> {
    await makeDirectory(path.dirname(this.data), 0o700);
    await (await open(this.data, 'a', 0o600)).close();
  }

  /** The file is whole: it is no half any more. */
  async moveTo(target: string): Promise<void> {
    await rename(this.data, target);
    await this.remove();
  }

  async remove(): Promise<void> {
    await rm(this.data, { force: true });
    await rm(this.#side, { force: true });
  }
}

/**
 * Removes what no download can go on with: bytes from nobody knows where, and where none came from. Before the first
 * download, for one that begins is not told from it.
 */
export async function removeUnfounded(directory: string): Promise<void> {
  await makeDirectory(directory, 0o700);
  const names = new Set(await readdir(directory));
  for (const name of names) {
    const [, key, kind] = /^([0-9a-f]{32})\.(partial|json)$/.exec(name) ?? [];
    if (key === undefined || names.has(`${key}.${kind === 'json' ? 'partial' : 'json'}`)) continue;
    await rm(path.join(directory, name), { force: true });
  }
}

/** Removes halves that nobody came back for in a week. */
export async function removeAbandoned(directory: string, nowMs = Date.now()): Promise<void> {
  await makeDirectory(directory, 0o700);
  for (const name of await readdir(directory)) {
    const file = path.join(directory, name);
    const { mtimeMs } = await lstat(file);
    if (mtimeMs < nowMs - abandonedMs) await rm(file, { force: true, recursive: true });
  }
}
