// SPDX-License-Identifier: MIT
import { session } from 'electron';

/** Any https address: what the desktop says of this one it says of image servers. */
const anywhere = 'https://example.org/';

/**
 * The proxy of the user's desktop for https, as Chromium finds it (its settings, else the environment);
 * undefined where servers are asked directly, or by a SOCKS proxy, which the helper does not speak.
 */
export async function desktopProxy(): Promise<string | undefined> {
  const [first = ''] = (await session.defaultSession.resolveProxy(anywhere)).split(';');
  const [, kind, host] = /^(PROXY|HTTPS) ([\w.[\]:-]+)$/.exec(first.trim()) ?? [];
  return host === undefined ? undefined : `${kind === 'HTTPS' ? 'https' : 'http'}://${host}`;
}
