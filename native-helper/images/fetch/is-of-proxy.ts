// SPDX-License-Identifier: MIT
import { isIP } from 'node:net';

/** Whether what could not be reached was a proxy of the environment, and not the server that was asked for. */
export function isOfProxy(error: unknown, asked: URL): boolean {
  const first: unknown = error instanceof AggregateError ? error.errors[0] : error;
  return [process.env.HTTPS_PROXY, process.env.HTTP_PROXY].some((text) => {
    const proxy = URL.parse(text ?? '');
    return proxy !== null && !isSamePlace(proxy, asked) && wentTo(first as NodeJS.ErrnoException, proxy);
  });
}

function wentTo(
  error: NodeJS.ErrnoException & { readonly hostname?: string; readonly address?: string; readonly port?: number },
  proxy: URL,
): boolean {
  const host = hostOf(proxy);
  if (error.syscall === 'getaddrinfo') return error.hostname === host;
  return error.syscall === 'connect' && error.port === portOf(proxy) && (isIP(host) === 0 || error.address === host);
}

function isSamePlace(a: URL, b: URL): boolean {
  return hostOf(a) === hostOf(b) && portOf(a) === portOf(b);
}

function hostOf({ hostname }: URL): string {
  return hostname.replace(/^\[|\]$/g, '');
}

function portOf({ port, protocol }: URL): number {
  return Number(port === '' ? ({ 'https:': 443 }[protocol] ?? 80) : port);
}
