// SPDX-License-Identifier: MIT
import http, { type IncomingMessage } from 'node:http';
import https from 'node:https';
import type { Readable } from 'node:stream';
import { sentence } from '#messages/sentence.ts';
import { bounded } from './bounded.ts';
import { checkUrl } from './check-url.ts';
import { FetchError, type FetchHead, type FetchRequest } from './fetch-request.ts';
import { isOfProxy } from './is-of-proxy.ts';
import { reasonOf } from './reason-of.ts';
import { wayTo } from './way-to.ts';

const mostRedirects = 5;

/**
 * Asks for a URL and follows redirects as far as that is safe. The body ends early with an error
 * where it stalls, is cut short or is longer than was said. Proxies come from the environment
 * (NODE_USE_ENV_PROXY of Node 24).
 * @throws FetchError
 */
export async function httpGet(request: FetchRequest): Promise<{ readonly head: FetchHead; readonly body: Readable }> {
  let url = checkUrl(request.url, request);
  for (let redirects = 0; redirects <= mostRedirects; redirects += 1) {
    const response = await ask(url, request);
    try {
      const next = redirectOf(response);
      if (next === undefined) return accept(response, request);
      url = checkUrl(next, { from: url, isPlainAllowed: request.isPlainAllowed });
    } catch (error) {
      response.destroy(); // a connection left open would keep this program until the server closes it
      throw error;
    }
    response.destroy();
  }
  throw new FetchError('refused', sentence('fetch.too-many-redirects', { most: mostRedirects }));
}

async function ask(url: URL, request: FetchRequest): Promise<IncomingMessage> {
  const way = request.reach === undefined ? {} : await wayTo(url, request.reach);
  const headers = {
    'user-agent': 'berth',
    accept: '*/*',
    'accept-encoding': 'identity', // digests are of the file, not of a packed form of it
    ...(request.offset > 0 && request.validator !== undefined
      ? { range: `bytes=${request.offset}-`, 'if-range': request.validator }
      : {}),
  };
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const sent = (url.protocol === 'https:' ? https : http).get(
    url,
    { headers, timeout: request.stallMs, ...way },
    resolve,
  );
  sent.on('timeout', () =>
    sent.destroy(
      new FetchError('passing', sentence('fetch.nothing-came', { seconds: Math.round(request.stallMs / 1000) })),
    ),
  );
  sent.on('error', (error: NodeJS.ErrnoException) => reject(asFault(error, url)));
  return await promise;
}

function asFault(error: NodeJS.ErrnoException, asked: URL): Error {
  if (error instanceof FetchError) return error;
  const isCertificate = /^(?:CERT_|UNABLE_TO_|DEPTH_ZERO|SELF_SIGNED|ERR_TLS)/.test(error.code ?? '');
  if (isCertificate)
    return new FetchError('final', sentence('fetch.certificate', { reason: error.message }), { cause: error });
  if (error.code === 'ERR_PROXY_TUNNEL') return new FetchError('proxy', error.message, { cause: error });
  if (isOfProxy(error, asked)) return new FetchError('passing', reasonOf(error), { cause: error, isOfProxy: true });
  if (error.syscall === 'getaddrinfo')
    return new FetchError('passing', sentence('fetch.name-not-found', { hostname: asked.hostname }), { cause: error });
  return error;
}

function redirectOf(response: IncomingMessage): string | undefined {
  const { statusCode = 0, headers } = response;
  if (![301, 302, 303, 307, 308].includes(statusCode)) return undefined;
  if (headers.location === undefined) throw new FetchError('final', sentence('fetch.no-place-to-go', { statusCode }));
  return headers.location;
}

function accept(
  response: IncomingMessage,
  request: FetchRequest,
): { readonly head: FetchHead; readonly body: Readable } {
  checkStatus(response.statusCode ?? 0);
  const { headers } = response;
  const part = response.statusCode === 206 ? partOf(headers, request) : undefined;
  const offset = part === undefined ? 0 : request.offset;
  const length = headers['content-length'] === undefined ? undefined : offset + Number(headers['content-length']);
  const totalBytes = part?.total ?? length;
  if ((totalBytes ?? 0) > request.largestBytes)
    throw new FetchError('refused', sentence('fetch.too-large', { most: request.largestBytes }));
  return {
    head: { offset, totalBytes, validator: strongValidator(headers) },
    body: bounded(response, { left: request.largestBytes - offset, stallMs: request.stallMs }),
  };
}

function checkStatus(status: number): void {
  if (status === 200 || status === 206) return;
  if (status === 407) throw new FetchError('proxy', sentence('fetch.proxy-wants-password'));
  // 416: what we have is not a part of what is there now; the next attempt begins anew.
  const isPassing = status >= 500 || [408, 416, 429].includes(status);
  throw new FetchError(isPassing ? 'passing' : 'final', sentence('fetch.answered', { status }));
}

function partOf(headers: IncomingMessage['headers'], request: FetchRequest): { readonly total: number } {
  const said = rangeOf(headers['content-range']);
  if (said === undefined || said.start !== request.offset)
    throw new FetchError('passing', sentence('fetch.does-not-go-on'));
  return said;
}

/**
 * A weak ETag does not promise the same bytes; a date is good enough where there is no ETag (RFC 9110 section 13.1.5).
 */
function strongValidator(headers: IncomingMessage['headers']): string | undefined {
  if (headers.etag !== undefined) return headers.etag.startsWith('W/') ? undefined : headers.etag;
  return headers['last-modified'];
}

function rangeOf(header: string | undefined): { readonly start: number; readonly total: number } | undefined {
  const match = /^bytes (\d+)-\d+\/(\d+)$/.exec(header ?? '');
  return match ? { start: Number(match[1]), total: Number(match[2]) } : undefined;
}
