// SPDX-License-Identifier: MIT
import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { formatBytes } from '#contract/units.ts';
import { HelperError, messageOf } from '../../core/errors.ts';
import { freeBytes } from '../require-space.ts';

/** Written at once: many small writes cost more than what they write. */
const batchBytes = 1024 ** 2;

/** A file that grows at its end, with the digest of all that is in it; it is hashed while the kernel takes the bytes. */
export class HashedFile {
  readonly #path: string;
  readonly #handle: FileHandle;
  readonly #algorithm: 'sha256' | 'sha512';
  #hash: Hash;
  /** On their way into the file, or in it. */
  #bytes = 0;
  #batch: Buffer[] = [];
  #batchedBytes = 0;
  #writing: Promise<void> = Promise.resolve();

  private constructor(path: string, handle: FileHandle, algorithm: 'sha256' | 'sha512') {
    this.#path = path;
    this.#handle = handle;
    this.#algorithm = algorithm;
    this.#hash = createHash(algorithm);
  }

  /** Opens a file that is there; what it has does not count until {@link takeIn}. */
  static async open(path: string, algorithm: 'sha256' | 'sha512'): Promise<HashedFile> {
    return new HashedFile(path, await open(path, 'r+'), algorithm);
  }

  get bytes(): number {
    return this.#bytes + this.#batchedBytes;
  }

  /** Goes on with what the file has. */
  async takeIn(signal: AbortSignal): Promise<void> {
    for await (const chunk of createReadStream(this.#path, { highWaterMark: batchBytes, signal })) {
      this.#hash.update(chunk as Buffer);
      this.#bytes += (chunk as Buffer).length;
    }
  }

  /** @throws HelperError storage.disk-full, storage.failed; maybe for what was appended before */
  async append(chunk: Buffer): Promise<void> {
    this.#batch.push(chunk);
    this.#batchedBytes += chunk.length;
    if (this.#batchedBytes >= batchBytes) await this.#flush();
  }

  /** All that was appended is in the file afterwards. */
  async settle(): Promise<void> {
    await this.#flush();
    await this.#writing;
  }

  async clear(): Promise<void> {
    await this.settle();
    await this.#handle.truncate(0);
    this.#bytes = 0;
    this.#hash = createHash(this.#algorithm);
  }

  /** The digest of what is there; nothing may be appended afterwards but after {@link clear}. */
  async digest(): Promise<string> {
    await this.settle();
    return this.#hash.digest('hex');
  }

  async close(): Promise<void> {
    await this.#writing.catch(() => {}); // it was thrown where it was waited for
    await this.#handle.close();
  }

  async #flush(): Promise<void> {
    await this.#writing;
    const [batch, position] = [this.#batch, this.#bytes];
    this.#bytes += this.#batchedBytes;
    this.#batch = [];
    this.#batchedBytes = 0;
    if (batch.length === 0) return;
    this.#writing = this.#write(batch, position);
    this.#writing.catch(() => {}); // thrown at the next call, which waits for it
    for (const chunk of batch) this.#hash.update(chunk);
  }

  async #write(batch: readonly Buffer[], position: number): Promise<void> {
    try {
      const { bytesWritten } = await this.#handle.writev(batch, position);
      // A write that the kernel cut short says why only when it is asked to go on.
      let rest = bytesWritten === sizeOf(batch) ? Buffer.alloc(0) : Buffer.concat(batch).subarray(bytesWritten);
      for (let at = position + bytesWritten; rest.length > 0;) {
        const written = await this.#handle.write(rest, 0, rest.length, at);
        at += written.bytesWritten;
        rest = rest.subarray(written.bytesWritten);
      }
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOSPC') throw new HelperError('storage.disk-full', { path: this.#path, free: formatBytes(await freeBytes(this.#path)), needed: formatBytes(sizeOf(batch)) }, { cause: error });
      throw new HelperError('storage.failed', { action: 'write', path: this.#path, reason: messageOf(error) }, { cause: error });
    }
  }
}

function sizeOf(chunks: readonly Buffer[]): number {
  return chunks.reduce((sum, chunk) => sum + chunk.length, 0);
}
