// SPDX-License-Identifier: MIT
import type { Reason } from '../../core/said-error.ts';

/** What the network-facing program is asked, as the one line of JSON on its stdin: a URL may have secrets in it. */
export interface FetchRequest {
  readonly url: string;
  /** Go on after so many bytes; `validator` must be given then. */
  readonly offset: number;
  /** The ETag or Last-Modified of the earlier bytes (If-Range, RFC 9110 section 13.1.5). */
  readonly validator?: string | undefined;
  /** Plain http is followed: the digest of what comes is known. Otherwise only on this computer itself. */
  readonly isPlainAllowed: boolean;
  readonly largestBytes: number;
  /**
   * The URL is a user's: where it may lead besides public addresses, and whether a proxy may be asked. Absent:
   * anywhere.
   */
  readonly reach?: { readonly networks: readonly string[]; readonly usesProxy: boolean } | undefined;
  /** The connection is given up when no byte came for so long. */
  readonly stallMs: number;
}

/** The line of JSON before the body. */
export interface FetchHead {
  /** The body's first byte: the request's offset, or 0 where the server sends all of it (anew). */
  readonly offset: number;
  readonly totalBytes?: number | undefined;
  readonly validator?: string | undefined;
}

/** The last line on stderr when it fails. */
export interface FetchFault {
  /** `passing` faults may be gone at the next attempt; `refused` is what the server asks for and is not done. */
  readonly kind: 'passing' | 'final' | 'refused' | 'proxy';
  readonly reason: Reason;
  /** It is the way there that failed, not the server. */
  readonly isOfProxy?: boolean | undefined;
}

export class FetchError extends Error {
  readonly kind: FetchFault['kind'];
  readonly reason: Reason;
  readonly isOfProxy: boolean;

  constructor(kind: FetchFault['kind'], reason: Reason, options?: ErrorOptions & { readonly isOfProxy?: boolean }) {
    super(typeof reason === 'string' ? reason : reason.id, options);
    this.reason = reason;
    this.kind = kind;
    this.isOfProxy = options?.isOfProxy ?? kind === 'proxy';
  }
}
