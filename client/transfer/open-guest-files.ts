// SPDX-License-Identifier: MIT
import type { Duplex } from 'node:stream';
import { SftpSession } from '../sftp/sftp-session.ts';
import { GuestFiles } from './guest-files.ts';

/** How long a cancelled copy may take to clear away what it began, before the guest is hung up on. */
const clearingMs = 5_000;

/** A guest's files while they are wanted. */
export interface OpenedFiles extends Disposable {
  readonly files: GuestFiles;
}

/** Files behind a stream that `files.open` gave. It is hung up on at the end, and soon after the signal's. */
export async function openGuestFiles(stream: Duplex, signal?: AbortSignal): Promise<OpenedFiles> {
  const session = await SftpSession.open(stream, signal);
  const onAbort = (): void => void setTimeout(() => stream.destroy(), clearingMs).unref();
  signal?.addEventListener('abort', onAbort, { once: true });
  return {
    files: new GuestFiles(session),
    [Symbol.dispose]: () => {
      signal?.removeEventListener('abort', onAbort);
      session.end();
    },
  };
}
