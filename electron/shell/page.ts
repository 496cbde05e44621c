// SPDX-License-Identifier: MIT
import { protocol } from 'electron';
import { readFile } from 'node:fs/promises';
import { extname, join, sep } from 'node:path';

// Put in by Forge's Vite plugin in `npm start`; absent in a built application.
declare const MAIN_WINDOW_VITE_DEV_SERVER_URL: string | undefined;

const scheme = 'berth';
const host = 'window';

/**
 * xterm.js and react-aria make style elements at run time, hence 'unsafe-inline' for styles only.
 * Scripts come from our files alone, and the page cannot reach the network.
 */
const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src 'self' data:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "object-src 'none'",
].join('; ');

/** What Vite puts into a page's folder. */
const contentTypes: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
  '.wasm': 'application/wasm',
};

/** Where the page comes from during development, when it does not come from our files. */
export function devServerUrl(): string | undefined {
  return typeof MAIN_WINDOW_VITE_DEV_SERVER_URL === 'string' ? MAIN_WINDOW_VITE_DEV_SERVER_URL : undefined;
}

/** Where the window goes. */
export function pageUrl(): string {
  return devServerUrl() ?? `${scheme}://${host}/index.html`;
}

/** True for a page that we serve. */
export function isOwnPage(url: string): boolean {
  const base = devServerUrl();
  return url.startsWith(base ? `${new URL(base).origin}/` : `${scheme}://${host}/`);
}

/**
 * A scheme of our own rather than file: gives the page an origin that no other file shares, and a
 * real policy header. Must be called before the application is ready.
 */
export function announceScheme(): void {
  protocol.registerSchemesAsPrivileged([
    { scheme, privileges: { standard: true, secure: true, supportFetchAPI: true, codeCache: true } },
  ]);
}

/** Serves the window's files from their folder and nothing outside it. */
export function servePage(folder: string): void {
  protocol.handle(scheme, async (request) => {
    const url = new URL(request.url);
    const path = join(folder, decodeURIComponent(url.pathname));
    if (url.host !== host || request.method !== 'GET' || !path.startsWith(folder + sep))
      return new Response(null, { status: 404 });
    try {
      return new Response(new Uint8Array(await readFile(path)), {
        headers: {
          'content-type': contentTypes[extname(path)] ?? 'application/octet-stream',
          'content-security-policy': contentSecurityPolicy,
          'x-content-type-options': 'nosniff',
        },
      });
    } catch {
      return new Response(null, { status: 404 }); // there is no such file
    }
  });
}
