// SPDX-License-Identifier: MIT
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import https from 'node:https';
import { connect, type AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { pipeline } from 'node:stream/promises';

/** What the server does wrong, by path. Without `times` it goes on for ever. */
export type Misbehaviour = { readonly times?: number } & (
  | { readonly kind: 'drop-at'; readonly share: number }
  | { readonly kind: 'drop-at-ignoring-range'; readonly share: number }
  | { readonly kind: 'changing-etag-drop'; readonly share: number }
  | { readonly kind: 'redirect'; readonly to: string }
  | { readonly kind: 'status'; readonly status: number }
  | { readonly kind: 'trickle' }
  | { readonly kind: 'silent' }
  | { readonly kind: 'another-then-drop'; readonly share: number; readonly another: Buffer }
  | { readonly kind: 'wrong-length'; readonly by: number }
  | { readonly kind: 'slow'; readonly bytesPerSecond: number }
);

export interface Seen {
  readonly path: string;
  readonly range: string | undefined;
}

type Content = Buffer | { readonly file: string };

/** A server of images on this computer: whole trees, with Range and ETag, and every misbehaviour on demand. */
export class ImageServer {
  readonly seen: Seen[] = [];
  readonly #files = new Map<string, Content>();
  readonly #faults = new Map<string, { fault: Misbehaviour; left: number }>();
  readonly #server: http.Server;
  readonly #scheme: 'http' | 'https';
  #etags = 0;

  private constructor(tls?: { readonly key: string; readonly cert: string }) {
    const answer = (request: IncomingMessage, response: ServerResponse): void => {
      this.#answer(request, response).catch(() => response.destroy());
    };
    this.#scheme = tls ? 'https' : 'http';
    this.#server = tls ? https.createServer(tls, answer) : http.createServer(answer);
    this.#server.on('connect', (request: IncomingMessage, socket: Duplex, head: Buffer) =>
      this.#connect(request.url ?? '', socket, head),
    );
  }

  static async start(tls?: { readonly key: string; readonly cert: string }): Promise<ImageServer> {
    const server = new ImageServer(tls);
    const { promise, resolve } = Promise.withResolvers<void>();
    server.#server.listen(0, '127.0.0.1', resolve);
    await promise;
    return server;
  }

  get url(): string {
    return `${this.#scheme}://127.0.0.1:${(this.#server.address() as AddressInfo).port}/`;
  }

  put(path: string, content: Content | string): void {
    this.#files.set(`/${path}`, typeof content === 'string' ? Buffer.from(content) : content);
  }

  remove(path: string): void {
    this.#files.delete(`/${path}`);
  }

  /** Takes everything away. */
  clear(): void {
    this.#files.clear();
    this.behave();
  }

  misbehave(path: string, fault: Misbehaviour): void {
    this.#faults.set(`/${path}`, { fault, left: fault.times ?? Infinity });
  }

  behave(): void {
    this.#faults.clear();
    this.seen.length = 0;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#server.close(() => resolve());
    await promise;
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = decodeURI(new URL(request.url ?? '/', 'http://x').pathname);
    this.seen.push({ path, range: request.headers.range });
    const content = this.#files.get(path);
    const fault = this.#takeFault(path);
    if (fault?.kind === 'redirect') return void response.writeHead(302, { location: fault.to }).end();
    if (fault?.kind === 'status') return void response.writeHead(fault.status).end('no');
    if (fault?.kind === 'silent') return;
    if (content === undefined)
      return path.endsWith('/') ? this.#listing(path, response) : void response.writeHead(404).end();
    await this.#send(content, { request, response, fault });
  }

  /** As a proxy: leads on to where it is asked to, or says what it was told to say at the path ''. */
  #connect(to: string, socket: Duplex, head: Buffer): void {
    this.seen.push({ path: to, range: undefined });
    const fault = this.#takeFault('/');
    socket.on('error', () => socket.destroy());
    if (fault?.kind === 'status') return void socket.end(`HTTP/1.1 ${fault.status} no\r\n\r\n`);
    const [host, port] = to.split(':');
    const far = connect(Number(port), host, () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      far.write(head);
      far.pipe(socket).pipe(far);
    });
    far.on('error', () => socket.destroy());
    socket.on('close', () => far.destroy());
  }

  async #send(
    content: Content,
    {
      request,
      response,
      fault,
    }: {
      readonly request: IncomingMessage;
      readonly response: ServerResponse;
      readonly fault: Misbehaviour | undefined;
    },
  ): Promise<void> {
    const total = Buffer.isBuffer(content) ? content.length : (await stat(content.file)).size;
    const etag = this.#etag(content, fault);
    const from = rangeStart(request, etag, fault);
    const lie = fault?.kind === 'wrong-length' ? fault.by : 0;
    writeHead(response, { etag, from, total, length: total - from + lie });
    if (fault?.kind === 'trickle') return trickle(response);
    const until = endOf(fault, total);
    const source = partOf(sent(content, fault), from, until);
    if (fault?.kind === 'slow') return await sendSlowly(source, response, fault.bytesPerSecond);
    const isCut = until < total || lie !== 0;
    await pipeline(source, response, { end: !isCut });
    if (isCut) setTimeout(() => response.destroy(), 20);
  }

  #etag(content: Content, fault: Misbehaviour | undefined): string {
    return fault?.kind === 'changing-etag-drop' ? `"e${this.#etags++}"` : etagOf(content);
  }

  #takeFault(path: string): Misbehaviour | undefined {
    const entry = this.#faults.get(path);
    if (!entry || entry.left <= 0) return undefined;
    entry.left -= 1;
    return entry.fault;
  }

  #listing(path: string, response: ServerResponse): void {
    const names = [...this.#files.keys()]
      .filter((file) => file.startsWith(path) && !file.slice(path.length).includes('/'))
      .map((file) => file.slice(path.length));
    if (names.length === 0) return void response.writeHead(404).end();
    response
      .writeHead(200, { 'content-type': 'text/html' })
      .end(`<html><body>${names.map((name) => `<a href="${name}">${name}</a>`).join('\n')}</body></html>`);
  }
}

function etagOf(content: Content): string {
  return `"${createHash('md5')
    .update(Buffer.isBuffer(content) ? content : content.file)
    .digest('hex')}"`;
}

function writeHead(
  response: ServerResponse,
  {
    etag,
    from,
    total,
    length,
  }: { readonly etag: string; readonly from: number; readonly total: number; readonly length: number },
): void {
  const headers = { etag, 'accept-ranges': 'bytes', 'content-length': length };
  response.writeHead(
    from > 0 ? 206 : 200,
    from > 0 ? { ...headers, 'content-range': `bytes ${from}-${total - 1}/${total}` } : headers,
  );
}

function sent(content: Content, fault: Misbehaviour | undefined): Content {
  return fault?.kind === 'another-then-drop' ? fault.another : content;
}

function endOf(fault: Misbehaviour | undefined, total: number): number {
  return fault !== undefined && 'share' in fault ? Math.floor(total * fault.share) : total;
}

function partOf(content: Content, from: number, until: number): Iterable<Buffer> | AsyncIterable<Buffer> {
  return Buffer.isBuffer(content)
    ? [content.subarray(from, until)]
    : createReadStream(content.file, { start: from, end: Math.max(from, until - 1) });
}

function rangeStart(request: IncomingMessage, etag: string, fault: Misbehaviour | undefined): number {
  const asked = /^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1];
  if (asked === undefined || request.headers['if-range'] !== etag || fault?.kind === 'drop-at-ignoring-range') return 0;
  return Number(asked);
}

function trickle(response: ServerResponse): void {
  const timer = setInterval(() => response.write('x'), 1000);
  response.on('close', () => clearInterval(timer));
}

async function sendSlowly(
  source: AsyncIterable<Buffer> | Iterable<Buffer>,
  response: ServerResponse,
  bytesPerSecond: number,
): Promise<void> {
  const step = Math.max(1, Math.floor(bytesPerSecond / 20));
  let sinceRest = 0;
  for await (const chunk of source) {
    for (let at = 0; at < chunk.length && !response.destroyed;) {
      const part = chunk.subarray(at, at + step - sinceRest);
      response.write(part);
      at += part.length;
      sinceRest += part.length;
      if (sinceRest < step) continue;
      sinceRest = 0;
      await new Promise((resolve) => {
        setTimeout(resolve, 50);
      });
    }
  }
  response.end();
}
