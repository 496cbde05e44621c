// SPDX-License-Identifier: MIT
/** Electron's main process: one window before the helper. */
import { app, type BrowserWindow } from 'electron';
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { desktopTexts } from '#messages/en/desktop.ts';
import { useLanguage, useTexts } from '#messages/say.ts';
import { defaultRunDirectory } from '../client/default-run-directory.ts';
import { compose } from './compose.ts';
import { PreferenceStore } from './link/preferences.ts';
import { setMenu } from './shell/menu.ts';
import { announceScheme, servePage } from './shell/page.ts';
import { restrictContents, restrictSession } from './shell/security.ts';
import { applyTheme } from './shell/theme.ts';
import { createMainWindow } from './shell/window.ts';

const log = (text: string): void => {
  process.stderr.write(`berth: ${text}\n`);
};

useTexts(desktopTexts);
useLanguage(process.env['BERTH_LANGUAGE']);

// Chromium's own data is a cache; only our preferences and the instance lock are configuration.
const configDirectory = join(xdgDirectory('XDG_CONFIG_HOME', '.config'), 'berth');
const cacheDirectory = join(xdgDirectory('XDG_CACHE_HOME', '.cache'), 'berth');
app.setPath('userData', configDirectory);
app.setPath('sessionData', cacheDirectory);
app.setPath('crashDumps', join(cacheDirectory, 'crashes'));

if (app.requestSingleInstanceLock()) {
  announceScheme();
  restrictContents();
  void app.whenReady().then(start);
} else {
  app.quit();
}

function start(): void {
  const preferences = new PreferenceStore(join(configDirectory, 'preferences.json'), log);
  applyTheme(preferences.value.theme);
  setMenu();
  restrictSession();
  servePage(join(__dirname, '../renderer/main_window'));
  const window = createMainWindow(preferences, log);
  const end = compose({
    window,
    preferences,
    runDirectory: defaultRunDirectory(),
    cliPath: process.env['BERTH_CLI'],
    clientName: `berth-window/${app.getVersion()}`,
    log,
  });
  app.on('second-instance', () => present(window));
  app.on('window-all-closed', () => {
    void end().finally(() => app.quit());
  });
}

function present(window: BrowserWindow): void {
  if (window.isMinimized()) window.restore();
  window.show();
  window.focus();
}

/** A directory of the XDG base directory specification; a relative value is to be ignored by it. */
function xdgDirectory(variable: string, fallback: string): string {
  const value = process.env[variable];
  return value && isAbsolute(value) ? value : join(homedir(), fallback);
}
