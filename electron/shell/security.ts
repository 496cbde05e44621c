// SPDX-License-Identifier: MIT
import { app, shell, session } from 'electron';
import { isOwnPage } from './page.ts';

/**
 * What no page may do, whatever it shows: leave for another page, open windows, embed web views, ask
 * for permissions, download. Links to https pages open in the user's browser.
 */
export function restrictContents(): void {
  app.on('web-contents-created', (_, contents) => {
    contents.on('will-navigate', (event) => {
      if (!isOwnPage(event.url)) event.preventDefault();
    });
    contents.on('will-redirect', (event) => event.preventDefault());
    contents.on('will-attach-webview', (event) => event.preventDefault());
    contents.setWindowOpenHandler(({ url }) => {
      openOutside(url);
      return { action: 'deny' };
    });
  });
}

/** Permissions and downloads are refused; call once the application is ready. */
export function restrictSession(): void {
  session.defaultSession.setPermissionRequestHandler((_contents, _permission, answer) => answer(false));
  session.defaultSession.setPermissionCheckHandler(() => false);
  session.defaultSession.on('will-download', (event) => event.preventDefault());
}

/** Hands a link to the desktop if it is an ordinary https address: no other scheme, no user name in it. */
function openOutside(text: string): void {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    // Not an address: nothing to open.
    return;
  }
  if (url.protocol === 'https:' && url.username === '' && url.password === '') void shell.openExternal(url.href);
}
