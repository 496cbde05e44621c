// SPDX-License-Identifier: MIT
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
  if (url === null) throw new FetchError('refused', 'the address cannot be read');
  const says = from === undefined ? 'the address' : 'a redirect';
  if (url.protocol !== 'https:' && url.protocol !== 'http:')
    throw new FetchError('refused', `${says} leads to ${url.protocol}`);
  if (url.username !== '' || url.password !== '')
    throw new FetchError('refused', `${says} has a name and a password in it`);
  if (url.protocol === 'http:') checkPlain(url, { ...(from === undefined ? {} : { from }), isPlainAllowed });
  return url;
}

function checkPlain(url: URL, { from, isPlainAllowed }: UrlPolicy): void {
  if (from?.protocol === 'https:') throw new FetchError('refused', 'a redirect leads from https to http');
  if (!isPlainAllowed && !isThisComputer(url.hostname))
    throw new FetchError('refused', `${url.host} is not asked by plain http where no digest is known`);
}

function isThisComputer(host: string): boolean {
  return host === 'localhost' || host === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(host);
}
