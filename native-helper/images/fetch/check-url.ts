// SPDX-License-Identifier: MIT
import { sentence } from '#messages/sentence.ts';
import { FetchError } from './fetch-request.ts';

interface UrlPolicy {
  /** Where the redirect comes from, if it is one. */
  readonly from?: URL;
  readonly isPlainAllowed: boolean;
}

/**
 * A URL that may be asked: https; http on this computer itself, or where the digest of what comes is
 * known. A redirect may not lead from https to anything else.
 * @throws FetchError refused
 */
export function checkUrl(text: string, { from, isPlainAllowed }: UrlPolicy): URL {
  const url = URL.parse(text, from?.href);
  if (url === null) throw new FetchError('refused', sentence('fetch.address-unreadable'));
  const says = from === undefined ? 'address' : 'redirect';
  if (url.protocol !== 'https:' && url.protocol !== 'http:')
    throw new FetchError('refused', sentence('fetch.leads-to', { says, scheme: url.protocol }));
  if (url.username !== '' || url.password !== '')
    throw new FetchError('refused', sentence('fetch.has-password', { says }));
  if (url.protocol === 'http:') checkPlain(url, { ...(from === undefined ? {} : { from }), isPlainAllowed });
  return url;
}

function checkPlain(url: URL, { from, isPlainAllowed }: UrlPolicy): void {
  if (from?.protocol === 'https:') throw new FetchError('refused', sentence('fetch.leads-to-http'));
  if (!isPlainAllowed && !isThisComputer(url.hostname))
    throw new FetchError('refused', sentence('fetch.not-by-http', { host: url.host }));
}

function isThisComputer(host: string): boolean {
  return host === 'localhost' || host === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(host);
}
