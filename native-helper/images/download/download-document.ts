// SPDX-License-Identifier: MIT
import { setTimeout as delay } from 'node:timers/promises';
import { sentence } from '#messages/say.ts';
import { toDownloadError } from './download-error.ts';
import type { DownloadServices } from './download-services.ts';
import { transfer } from './network-process.ts';
import { TransferFault } from './transfer-fault.ts';

interface DocumentRequest {
  readonly url: string;
  readonly largestBytes: number;
}

/** Somebody waits for a list, and can ask again: offline, each attempt is only a pause more. */
const attempts = 2;
const longestStallMs = 10_000;

/**
 * Fetches a small document, such as a list of images, into memory.
 * @throws HelperError image.download-failed, image.download-refused, network.proxy-failed
 */
export async function downloadDocument(
  { url, largestBytes }: DocumentRequest,
  services: DownloadServices,
  signal: AbortSignal,
): Promise<Buffer> {
  const request = {
    url,
    offset: 0,
    isPlainAllowed: false,
    largestBytes,
    stallMs: Math.min(services.tuning.stallMs, longestStallMs),
  };
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await transfer(
        request,
        { runner: services.runner, network: services.network(), signal },
        async ({ head, body }) => {
          const chunks: Buffer[] = [];
          for await (const block of body) chunks.push(Buffer.from(block));
          const document = Buffer.concat(chunks);
          if (head.totalBytes !== undefined && document.length !== head.totalBytes)
            throw new TransferFault({ kind: 'passing', reason: sentence('fetch.closed-early') });
          return document;
        },
      );
    } catch (error) {
      if (!(error instanceof TransferFault) || error.kind !== 'passing' || attempt >= attempts)
        throw toDownloadError(error, url, services.network());
      await delay(services.tuning.backOffMs * attempt, undefined, { signal });
    }
  }
}
