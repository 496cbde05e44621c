// SPDX-License-Identifier: MIT
import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { formatBytes } from '#contract/units.ts';
import { HelperError, storageError } from '../../core/errors.ts';
import { writableBytes } from '../convert/require-space.ts';

const readBytes = 1024 ** 2;

export type Algorithm = 'sha256' | 'sha512';

/**
 * A file that grows at its end, with the digests of all that is in it; it is hashed while the kernel takes the bytes.
 */
export class HashedFile {
  readonly #path: string;
  readonly #handle: FileHandle;
  #hashes: ReadonlyMap<Algorithm, Hash>;
  /** On their way into the file, or in it. */
  #bytes = 0;
  #writing: Promise<void> = Promise.resolve();

  private constructor(path: string, handle: FileHandle, algorithms: readonly Algorithm[]) {
    this.#path = path;
    this.#handle = handle;
    this.#hashes = begun(algorithms);
  }

  /** Opens a file that is there; what it has does not count until {@link takeIn}. */
  static async open(path: string, algorithms: readonly Algorithm[]): Promise<HashedFile> {
    return new HashedFile(path, await open(path, 'r+'), algorithms);
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Goes on with what the file has. */
  async takeIn(signal: AbortSignal): Promise<void> {
    for await (const chunk of createReadStream(this.#path, { highWaterMark: readBytes, signal })) {
      this.#hash(chunk as Buffer);
      this.#bytes += (chunk as Buffer).length;
    }
  }

  /**
   * The chunk must not change until the next one has been appended, or all has {@link settle}d.
   * @throws HelperError storage.disk-full, storage.failed; maybe for what was appended before
   */
  async append(chunk: Buffer): Promise<void> {
    await this.#writing;
    this.#writing = this.#write(chunk, this.#bytes);
    this.#writing.catch(() => {}); // thrown at the next call, which waits for it
    this.#bytes += chunk.length;
    this.#hash(chunk);
  }

  /** All that was appended is in the file afterwards. */
  async settle(): Promise<void> {
    await this.#writing;
  }

  async clear(): Promise<void> {
    await this.settle();
    await this.#handle.truncate(0);
    this.#bytes = 0;
    this.#hashes = begun([...this.#hashes.keys()]);
  }

  /** A digest of what is there, in lower-case hex. */
  async digest(algorithm: Algorithm): Promise<string> {
    await this.settle();
    const hash = this.#hashes.get(algorithm);
    if (!hash) throw new HelperError('internal.bug', { reason: `no ${algorithm} was asked for` });
    return hash.copy().digest('hex'); // a copy: it may be asked for again
  }

  async close(): Promise<void> {
    await this.#writing.catch(() => {}); // it was thrown where it was waited for
    await this.#handle.close();
  }

  #hash(chunk: Buffer): void {
    for (const hash of this.#hashes.values()) hash.update(chunk);
  }

  async #write(chunk: Buffer, position: number): Promise<void> {
    try {
      // A write that the kernel cut short says why only when it is asked to go on.
      for (let written = 0; written < chunk.length;)
        written += (await this.#handle.write(chunk, written, chunk.length - written, position + written)).bytesWritten;
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOSPC')
        throw new HelperError(
          'storage.disk-full',
          { path: this.#path, free: formatBytes(await writableBytes(this.#path)), needed: formatBytes(chunk.length) },
          { cause: error },
        );
      throw storageError('write', this.#path, error);
    }
  }
}

function begun(algorithms: readonly Algorithm[]): ReadonlyMap<Algorithm, Hash> {
  return new Map(algorithms.map((algorithm) => [algorithm, createHash(algorithm)]));
}
