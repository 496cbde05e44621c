// SPDX-License-Identifier: MIT
import { app, BrowserWindow, dialog, shell, session, type WebContents } from 'electron';
import { say } from '#messages/say.ts';
import { isOwnPage } from './page.ts';

/**
 * What no page may do, whatever it shows: leave for another page, open windows, embed web views, ask
 * for permissions, download. Links to https pages open in the user's browser, after asking.
 */
export function restrictContents(): void {
  app.on('web-contents-created', (_, contents) => {
    contents.on('will-navigate', (event) => {
      if (!isOwnPage(event.url)) event.preventDefault();
    });
    contents.on('will-redirect', (event) => event.preventDefault());
    contents.on('will-attach-webview', (event) => event.preventDefault());
    const openLink = linkOpener(contents);
    contents.setWindowOpenHandler(({ url }) => {
      void openLink(url);
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

/**
 * Asks, and hands an ordinary https address to the desktop: no other scheme, no user name in it. One question at a
 * time. A link may carry whatever the page or a guest's text put into it, so the person sees all of it.
 */
function linkOpener(contents: WebContents): (text: string) => Promise<void> {
  let isAsking = false;
  return async (text) => {
    const window = BrowserWindow.fromWebContents(contents);
    if (isAsking || window === null || !URL.canParse(text)) return;
    const url = new URL(text);
    if (url.protocol !== 'https:' || url.username !== '' || url.password !== '') return;
    isAsking = true;
    try {
      const { response } = await dialog.showMessageBox(window, {
        type: 'question',
        message: say('desktop.ask.link'),
        detail: shortened(url.href),
        buttons: [say('desktop.button.cancel'), say('desktop.button.open')],
        defaultId: 0,
        cancelId: 0,
        noLink: true,
      });
      if (response === 1) await shell.openExternal(url.href);
    } catch {
      // A desktop without a browser: it has said so, and the page has nothing to do with it.
    } finally {
      isAsking = false;
    }
  };
}

const mostShown = 400;

function shortened(text: string): string {
  return text.length <= mostShown
    ? text
    : say('desktop.ask.link-shortened', { beginning: text.slice(0, mostShown), count: text.length });
}
