// SPDX-License-Identifier: MIT
import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { HelperError } from '../../core/errors.ts';
import type { FetchHead } from '../fetch/fetch-request.ts';
import { requireSpace } from '../require-space.ts';
import type { BringContext } from '../staging-source.ts';
import { toDownloadError } from './download-error.ts';
import type { DownloadServices } from './download-services.ts';
import { transfer, TransferFault, type Transfer } from './network-process.ts';
import { PartialFile, type Origin } from './partial-file.ts';
import { Rate } from './rate.ts';

export interface Digest {
  readonly algorithm: 'sha256' | 'sha512';
  readonly hex: string;
}

export interface FileRequest {
  readonly url: string;
  /** What the file must be; without it only its digest is told. */
  readonly digest?: Digest | undefined;
  readonly totalBytes?: number | undefined;
}

export interface DownloadedFile {
  /** Nobody but root can change it. The receiver removes it by `discard` when done. */
  readonly path: string;
  readonly bytes: number;
  readonly digest: Digest;
  discard(): Promise<void>;
}

/** Larger than any image a person would wait for. */
const largestBytes = 256 * 1024 ** 3;
const reportEveryMs = 250;
const longestPauseMs = 30_000;
/** Less than this since the last attempt does not count as progress: a server must not keep us busy for ever. */
const countsAsProgressBytes = 64 * 1024;

/**
 * Fetches a file by the unprivileged program, going on where an earlier attempt or an earlier helper
 * stopped, and verifies it while it comes. A failure or a cancel leaves nothing behind; the end of
 * the helper leaves the half for the next one.
 * @throws HelperError image.download-failed, image.download-refused, image.checksum-mismatch,
 *   network.proxy-failed, storage.disk-full
 */
export async function downloadFile(request: FileRequest, services: DownloadServices, context: BringContext): Promise<DownloadedFile> {
  context.report({ step: 'waiting' });
  return await services.slots.hold(context.signal, async () => {
    const download = new Download(request, services, context);
    try {
      return await download.run();
    } catch (error) {
      if (!services.isEnding()) await download.partial.remove();
      throw toDownloadError(error, request.url, services.network());
    } finally {
      await download.close();
    }
  });
}

class Download {
  readonly partial: PartialFile;
  readonly #request: FileRequest;
  readonly #services: DownloadServices;
  readonly #context: BringContext;
  readonly #rate = new Rate();
  #file: FileHandle | undefined;
  #hash: Hash;
  #bytes = 0;
  #origin: Origin | undefined;
  #totalBytes: number | undefined;
  #hasGoneOn = false;
  #reportedAtMs = 0;

  constructor(request: FileRequest, services: DownloadServices, context: BringContext) {
    this.#request = request;
    this.#services = services;
    this.#context = context;
    this.#hash = this.#newHash();
    this.partial = new PartialFile(services.directory, request.digest === undefined ? request.url : `${request.digest.algorithm} ${request.digest.hex}`);
  }

  async run(): Promise<DownloadedFile> {
    await this.partial.create();
    this.#file = await open(this.partial.data, 'r+');
    await this.#goOn();
    await this.#fetchAll();
    let actual = this.#hash.digest('hex');
    if (this.#hasGoneOn && this.#request.digest !== undefined && actual !== this.#request.digest.hex) {
      // Two halves of different files: once more, in one piece.
      await this.#beginAnew();
      await this.#fetchAll();
      actual = this.#hash.digest('hex');
    }
    const { digest, url } = this.#request;
    if (digest !== undefined && actual !== digest.hex) throw new HelperError('image.checksum-mismatch', { path: url, actual, expected: digest.hex });
    return { path: this.partial.data, bytes: this.#bytes, digest: { algorithm: digest?.algorithm ?? 'sha256', hex: actual }, discard: async () => await this.partial.remove() };
  }

  async close(): Promise<void> {
    await this.#file?.close();
  }

  /** Takes in what an earlier attempt left, when it is of the same URL and can be told from another version. */
  async #goOn(): Promise<void> {
    const before = await this.partial.state();
    if (before === undefined || before.bytes === 0 || before.origin.url !== this.#request.url || before.origin.validator === undefined) return await this.#beginAnew();
    this.#context.report({ step: 'resume', bytes: before.bytes });
    for await (const chunk of createReadStream(this.partial.data, { highWaterMark: 1024 ** 2, signal: this.#context.signal })) {
      this.#hash.update(chunk as Buffer);
      this.#bytes += (chunk as Buffer).length;
    }
    this.#origin = before.origin;
    this.#totalBytes = before.origin.totalBytes;
    this.#hasGoneOn = true;
  }

  async #beginAnew(): Promise<void> {
    await this.#file?.truncate(0);
    this.#bytes = 0;
    this.#hash = this.#newHash();
    this.#origin = undefined;
    this.#totalBytes = undefined;
    this.#hasGoneOn = false;
  }

  async #fetchAll(): Promise<void> {
    const { tuning } = this.#services;
    let furthest = this.#bytes;
    for (let failures = 0; !this.#isWhole();) {
      try {
        await this.#attempt();
        return;
      } catch (error) {
        if (!(error instanceof TransferFault) || error.kind !== 'passing') throw error;
        failures = this.#bytes >= furthest + countsAsProgressBytes ? 1 : failures + 1;
        furthest = Math.max(furthest, this.#bytes);
        if (failures >= tuning.attempts) throw error;
        if (this.#origin?.validator === undefined || failures > 1) await this.#beginAnew(); // going on did not help, or cannot
        this.#context.report({ step: 'retry', bytes: this.#bytes, ...(this.#totalBytes === undefined ? {} : { totalBytes: this.#totalBytes }) });
        await delay(Math.min(longestPauseMs, tuning.backOffMs * 2 ** (failures - 1)), undefined, { signal: this.#context.signal });
      }
    }
  }

  #isWhole(): boolean {
    return this.#totalBytes !== undefined && this.#bytes === this.#totalBytes && this.#bytes > 0;
  }

  async #attempt(): Promise<void> {
    const { url, digest } = this.#request;
    const { runner, tuning } = this.#services;
    const request = { url, offset: this.#bytes, validator: this.#origin?.validator, isPlainAllowed: digest !== undefined, largestBytes: this.#request.totalBytes ?? largestBytes, stallMs: tuning.stallMs };
    await transfer(request, { runner, network: this.#services.network(), signal: this.#context.signal }, async (answer) => await this.#take(answer));
  }

  async #take({ head, body }: Transfer): Promise<void> {
    if (head.offset === 0) await this.#beginAnew(); // a server that ignores Range, or has another version by now
    this.#hasGoneOn ||= head.offset > 0;
    await this.#accept(head);
    for await (const chunk of body) {
      await this.#file?.write(chunk, 0, chunk.length, this.#bytes);
      this.#hash.update(chunk);
      this.#bytes += chunk.length;
      this.#report();
    }
    if (this.#totalBytes !== undefined && this.#bytes < this.#totalBytes) throw new TransferFault({ kind: 'passing', reason: `it ended after ${this.#bytes} of ${this.#totalBytes} bytes` });
    if (this.#bytes === 0) throw new TransferFault({ kind: 'final', reason: 'it is empty' });
  }

  /** What the server says of the file is checked, and noted for whoever goes on with it. */
  async #accept(head: FetchHead): Promise<void> {
    const { url, totalBytes: wanted } = this.#request;
    if (wanted !== undefined && head.totalBytes !== undefined && head.totalBytes !== wanted) throw new TransferFault({ kind: 'final', reason: `it has ${head.totalBytes} bytes, ${wanted} were announced` });
    this.#totalBytes = head.totalBytes ?? wanted;
    await requireSpace(this.partial.data, (this.#totalBytes ?? 0) - this.#bytes);
    this.#origin = { url, ...(head.validator === undefined ? {} : { validator: head.validator }), ...(this.#totalBytes === undefined ? {} : { totalBytes: this.#totalBytes }) };
    await this.partial.note(this.#origin);
  }

  #report(): void {
    const now = Date.now();
    if (now < this.#reportedAtMs + reportEveryMs) return;
    this.#reportedAtMs = now;
    this.#rate.add(this.#bytes, now);
    const bytesPerSecond = this.#rate.bytesPerSecond();
    const totalBytes = this.#totalBytes;
    this.#context.report({
      step: 'download', bytes: this.#bytes,
      ...(totalBytes === undefined ? {} : { totalBytes, fraction: Math.min(1, this.#bytes / totalBytes) }),
      ...(bytesPerSecond === undefined ? {} : { bytesPerSecond }),
      ...(totalBytes === undefined || !bytesPerSecond ? {} : { secondsLeft: Math.ceil((totalBytes - this.#bytes) / bytesPerSecond) }),
    });
  }

  #newHash(): Hash {
    return createHash(this.#request.digest?.algorithm ?? 'sha256');
  }
}
