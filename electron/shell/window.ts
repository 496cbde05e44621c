// SPDX-License-Identifier: MIT
import { app, BrowserWindow, nativeTheme, screen } from 'electron';
import { join } from 'node:path';
import type { PreferenceStore } from '../link/preferences.ts';
import { smallestWindow, windowBounds } from '../link/window-bounds.ts';
import { addContextMenu } from './menu.ts';
import { pageUrl } from './page.ts';
import { backgroundColor } from './theme.ts';

/** How long the window may be moved about before its place is written down. */
const settleMs = 500;

/** Makes the main window and begins to load its page; it shows itself when there is something to see. */
export function createMainWindow(preferences: PreferenceStore, log: (text: string) => void): BrowserWindow {
  const remembered = preferences.value.window;
  const window = new BrowserWindow({
    ...windowBounds(
      remembered,
      screen.getAllDisplays().map((each) => each.workArea),
    ),
    minWidth: smallestWindow.width,
    minHeight: smallestWindow.height,
    title: 'Berth',
    show: false,
    backgroundColor: backgroundColor(),
    webPreferences: {
      preload: join(__dirname, 'preload.cjs'),
      additionalArguments: [
        `--berth-version=${app.getVersion()}`,
        `--berth-language=${process.env['BERTH_LANGUAGE'] ?? app.getLocale()}`,
      ],
      contextIsolation: true,
      sandbox: true,
      nodeIntegration: false,
      webviewTag: false,
      spellcheck: false,
    },
  });
  window.setMenuBarVisibility(false);
  addContextMenu(window);
  if (remembered?.isMaximized) window.maximize();
  window.once('ready-to-show', () => window.show());
  const recolour = (): void => window.setBackgroundColor(backgroundColor());
  nativeTheme.on('updated', recolour);
  window.once('closed', () => nativeTheme.off('updated', recolour));
  rememberPlace(window, preferences, log);
  void window.loadURL(pageUrl());
  return window;
}

function rememberPlace(window: BrowserWindow, preferences: PreferenceStore, log: (text: string) => void): void {
  let timer: NodeJS.Timeout | undefined;
  const save = (): void => {
    clearTimeout(timer);
    if (window.isDestroyed() || window.isMinimized() || window.isFullScreen()) return;
    try {
      // The place before maximising, so that a window put back has one.
      preferences.change({ window: { ...window.getNormalBounds(), isMaximized: window.isMaximized() } });
    } catch (error) {
      // A full disk must not keep a window from being moved.
      log(`the window's place is not saved: ${String(error)}`);
    }
  };
  const saveSoon = (): void => {
    clearTimeout(timer);
    timer = setTimeout(save, settleMs);
  };
  window.on('resize', saveSoon);
  window.on('move', saveSoon);
  window.on('close', save);
}
