// SPDX-License-Identifier: MIT
import { setTimeout as delay } from 'node:timers/promises';
import { fingerprint, type Fingerprint } from '#contract/names.ts';
import { RateMeter } from '#contract/rate-meter.ts';
import { sentence } from '#messages/say.ts';
import { HelperError } from '../../core/errors.ts';
import type { FetchHead } from '../fetch/fetch-request.ts';
import { requireSpace } from '../convert/require-space.ts';
import type { BringContext } from '../vault/staging-source.ts';
import { toDownloadError } from './download-error.ts';
import type { DownloadServices } from './download-services.ts';
import { HashedFile, type Algorithm } from './hashed-file.ts';
import { transfer, type Transfer } from './network-process.ts';
import type { Origin } from './origin-document.ts';
import { PartialFile } from './partial-file.ts';
import { TransferFault } from './transfer-fault.ts';

export interface Digest {
  readonly algorithm: Algorithm;
  readonly hex: string;
}

export interface FileRequest {
  readonly url: string;
  /** What the file must be; without it only its digest is told. */
  readonly digest?: Digest | undefined;
  readonly totalBytes?: number | undefined;
  /** Where the whole file is put, on the file system of the halves. */
  readonly target: string;
}

export interface DownloadedFile {
  readonly bytes: number;
  readonly digest: Digest;
  /** The same file by this digest, whichever its publisher tells. */
  readonly sha256: Fingerprint;
}

/** Larger than any image a person would wait for. */
const largestBytes = 256 * 1024 ** 3;
const reportEveryMs = 250;
const longestPauseMs = 30_000;
/** Less than this since the last attempt does not count as progress: a server must not keep us busy for ever. */
const countsAsProgressBytes = 64 * 1024;
/** Less is fetched anew in a moment. */
const worthKeepingBytes = 1024 ** 2;

/**
 * Fetches a file by the unprivileged program, going on where an earlier attempt or an earlier helper
 * stopped, and verifies it while it comes. A half that can be gone on with stays where the network
 * failed and when the helper ends; any other failure, and a cancel, leave nothing behind.
 * @throws HelperError image.download-failed, image.download-refused, image.checksum-mismatch,
 *   network.proxy-failed, storage.disk-full
 */
export async function downloadFile(
  request: FileRequest,
  services: DownloadServices,
  context: BringContext,
): Promise<DownloadedFile> {
  context.report({ step: 'waiting' });
  const { digest, url } = request;
  const what = nameOf(request, services);
  return await services.turns.hold(
    what,
    async () =>
      await services.slots.hold(sourceOf(request, services), context.signal, async () => {
        const partial = new PartialFile(services.directory, what);
        await partial.create();
        const content = await HashedFile.open(partial.data, [
          ...new Set<Algorithm>(['sha256', digest?.algorithm ?? 'sha256']),
        ]);
        try {
          const file = await new Download({ request, services, context }, partial, content).run();
          await partial.moveTo(request.target);
          return file;
        } catch (error) {
          if (!services.isEnding() && !(await isWorthKeeping(partial, error))) await partial.remove();
          throw toDownloadError(error, url, services.network());
        } finally {
          await content.close();
        }
      }),
    context.signal,
  );
}

/**
 * What shares a half and a turn: what the catalogue wants, whoever asks for it. A user's is his own: anybody may name
 * the digest of anything, and a server of his that sends it slowly holds up nobody who has it from elsewhere.
 */
function nameOf({ digest, url }: FileRequest, { ownerUid }: DownloadServices): string {
  const content = digest === undefined ? url : `${digest.algorithm} ${digest.hex}`;
  return ownerUid === undefined ? content : `${content} of ${ownerUid} from ${url}`;
}

/** What waits for each other's end: all from one server of the catalogue's, and all of one user's. */
function sourceOf({ url }: FileRequest, { ownerUid }: DownloadServices): string {
  return ownerUid === undefined ? (URL.parse(url)?.origin ?? url) : `user ${ownerUid}`;
}

/** The network's fault, and enough came, which a later attempt can go on with: that need not be fetched twice. */
async function isWorthKeeping(partial: PartialFile, error: unknown): Promise<boolean> {
  if (!(error instanceof TransferFault) || (error.kind !== 'passing' && error.kind !== 'proxy')) return false;
  const state = await partial.state();
  return state?.origin.validator !== undefined && state.bytes >= worthKeepingBytes;
}

interface DownloadJob {
  readonly request: FileRequest;
  readonly services: DownloadServices;
  readonly context: BringContext;
}

class Download {
  readonly #partial: PartialFile;
  readonly #request: FileRequest;
  readonly #services: DownloadServices;
  readonly #context: BringContext;
  readonly #meter = new RateMeter();
  readonly #content: HashedFile;
  #origin: Origin | undefined;
  #totalBytes: number | undefined;
  #hasGoneOn = false;
  #reportedAtMs = 0;

  constructor(job: DownloadJob, partial: PartialFile, content: HashedFile) {
    this.#request = job.request;
    this.#services = job.services;
    this.#context = job.context;
    this.#partial = partial;
    this.#content = content;
  }

  async run(): Promise<DownloadedFile> {
    await this.#goOn();
    await this.#fetchAll();
    const { digest, url } = this.#request;
    const algorithm = digest?.algorithm ?? 'sha256';
    let actual = await this.#content.digest(algorithm);
    if (this.#hasGoneOn && digest !== undefined && actual !== digest.hex) {
      // Two halves of different files: once more, in one piece.
      await this.#beginAnew();
      await this.#fetchAll();
      actual = await this.#content.digest(algorithm);
    }
    if (digest !== undefined && actual !== digest.hex)
      throw new HelperError('image.checksum-mismatch', { path: url, actual, expected: digest.hex });
    const sha256 = fingerprint.parse(await this.#content.digest('sha256'));
    return { bytes: this.#content.bytes, digest: { algorithm, hex: actual }, sha256 };
  }

  /** Takes in what an earlier attempt left, when it is of the same URL and can be told from another version. */
  async #goOn(): Promise<void> {
    const before = await this.#partial.state();
    if (
      before === undefined ||
      before.bytes === 0 ||
      before.origin.url !== this.#request.url ||
      before.origin.validator === undefined
    )
      return await this.#beginAnew();
    this.#context.report({ step: 'resume', bytes: before.bytes });
    await this.#content.takeIn(this.#context.signal);
    this.#origin = before.origin;
    this.#totalBytes = before.origin.totalBytes;
    this.#hasGoneOn = true;
  }

  async #beginAnew(): Promise<void> {
    await this.#content.clear();
    this.#origin = undefined;
    this.#totalBytes = undefined;
    this.#hasGoneOn = false;
  }

  async #fetchAll(): Promise<void> {
    const { tuning } = this.#services;
    let furthest = this.#content.bytes;
    for (let failures = 0; !this.#isWhole();) {
      try {
        await this.#attempt();
        return;
      } catch (error) {
        if (!(error instanceof TransferFault) || error.kind !== 'passing') throw error;
        failures = this.#content.bytes >= furthest + countsAsProgressBytes ? 1 : failures + 1;
        furthest = Math.max(furthest, this.#content.bytes);
        if (failures >= tuning.attempts) throw error;
        // going on did not help, or cannot
        if (this.#origin?.validator === undefined || failures > 1) await this.#beginAnew();
        this.#context.report({
          step: 'retry',
          bytes: this.#content.bytes,
          ...(this.#totalBytes === undefined ? {} : { totalBytes: this.#totalBytes }),
        });
        await delay(Math.min(longestPauseMs, tuning.backOffMs * 2 ** (failures - 1)), undefined, {
          signal: this.#context.signal,
        });
      }
    }
  }

  #isWhole(): boolean {
    return this.#totalBytes !== undefined && this.#content.bytes === this.#totalBytes && this.#content.bytes > 0;
  }

  async #attempt(): Promise<void> {
    const { url, digest } = this.#request;
    const { runner, tuning } = this.#services;
    const request = {
      url,
      offset: this.#content.bytes,
      validator: this.#origin?.validator,
      isPlainAllowed: digest !== undefined,
      largestBytes: this.#request.totalBytes ?? largestBytes,
      stallMs: tuning.stallMs,
      reach: this.#services.reach,
    };
    await transfer(
      request,
      { runner, network: this.#services.network(), signal: this.#context.signal },
      async (answer) => await this.#take(answer),
    );
  }

  async #take({ head, body }: Transfer): Promise<void> {
    if (head.offset === 0) await this.#beginAnew(); // a server that ignores Range, or has another version by now
    this.#hasGoneOn ||= head.offset > 0;
    await this.#accept(head);
    try {
      for await (const chunk of body) {
        await this.#content.append(chunk);
        this.#report();
      }
    } finally {
      await this.#content.settle(); // what came is kept, whoever goes on with it
    }
    if (this.#totalBytes !== undefined && this.#content.bytes < this.#totalBytes)
      throw new TransferFault({
        kind: 'passing',
        reason: sentence('fetch.ended-early', { bytes: this.#content.bytes, totalBytes: this.#totalBytes }),
      });
    if (this.#content.bytes === 0) throw new TransferFault({ kind: 'final', reason: sentence('fetch.empty') });
  }

  /** What the server says of the file is checked, and noted for whoever goes on with it. */
  async #accept(head: FetchHead): Promise<void> {
    const { url, totalBytes: wanted } = this.#request;
    if (wanted !== undefined && head.totalBytes !== undefined && head.totalBytes !== wanted)
      throw new TransferFault({
        kind: 'final',
        reason: sentence('fetch.other-size', { totalBytes: head.totalBytes, wanted }),
      });
    this.#totalBytes = head.totalBytes ?? wanted;
    await requireSpace(this.#partial.data, (this.#totalBytes ?? 0) - this.#content.bytes);
    this.#origin = {
      url,
      ...(head.validator === undefined ? {} : { validator: head.validator }),
      ...(this.#totalBytes === undefined ? {} : { totalBytes: this.#totalBytes }),
    };
    await this.#partial.note(this.#origin);
  }

  #report(): void {
    const now = Date.now();
    if (now < this.#reportedAtMs + reportEveryMs) return;
    this.#reportedAtMs = now;
    const { bytes } = this.#content;
    const totalBytes = this.#totalBytes;
    this.#context.report({
      step: 'download',
      bytes,
      ...(totalBytes === undefined ? {} : { totalBytes, fraction: Math.min(1, bytes / totalBytes) }),
      ...this.#meter.note(bytes, totalBytes, now),
    });
  }
}
