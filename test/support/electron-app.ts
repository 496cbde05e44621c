// SPDX-License-Identifier: MIT
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { _electron, type ElectronApplication, type Page } from '@playwright/test';

const root = resolve(import.meta.dirname, '../..');

export interface BerthOptions {
  readonly runDirectory: string;
  readonly theme?: 'light' | 'dark';
  readonly size?: { readonly width: number; readonly height: number };
  /** More of the desktop's environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** The user's settings; kept for the caller, who gives it again to open the same window anew. */
  readonly homeDirectory?: string;
}

/** The real application in a window, with settings and caches of its own. */
export interface BerthApp {
  readonly app: ElectronApplication;
  readonly page: Page;
  /** What the application printed, for the message of a failed test. */
  output(): string;
  close(): Promise<void>;
}

/** Starts the built application; it is to be closed by the caller. */
export async function openBerth(options: BerthOptions): Promise<BerthApp> {
  const home = options.homeDirectory ?? mkdtempSync(join(tmpdir(), 'berth-home-'));
  writePreferences(home, options);
  const app = await _electron.launch({
    executablePath: join(root, 'node_modules/electron/dist/electron'),
    // Chromium refuses its sandbox to root; a display without a graphics card has no GPU process.
    args: [...(process.getuid?.() === 0 ? ['--no-sandbox'] : []), '--disable-gpu', root],
    cwd: root,
    // Playwright would else show every page in light colours.
    colorScheme: null,
    env: { ...environment(home, options.runDirectory), ...options.env },
  });
  let output = '';
  for (const stream of [app.process().stdout, app.process().stderr])
    stream?.on('data', (chunk) => (output += String(chunk)));
  const page = await app.firstWindow();
  page.on('pageerror', (error) => (output += `page: ${String(error)}\n`));
  page.on('console', (message) => (output += `console: ${message.text()}\n`));
  return {
    app,
    page,
    output: () => output,
    close: async () => {
      await app.close();
      if (options.homeDirectory === undefined) rmSync(home, { recursive: true, force: true });
    },
  };
}

/** Photographs a screen for people to look at: test-results/screens/<theme>-<name>.png. */
export async function screenshot(page: Page, name: string): Promise<void> {
  const theme = (await page.evaluate(() => matchMedia('(prefers-color-scheme: dark)').matches)) ? 'dark' : 'light';
  const folder = join(root, 'test-results/screens');
  mkdirSync(folder, { recursive: true });
  await page.screenshot({ path: join(folder, `${theme}-${name}.png`), animations: 'disabled' });
}

function writePreferences(home: string, { theme, size = { width: 1280, height: 800 } }: BerthOptions): void {
  const folder = join(home, '.config/berth');
  mkdirSync(folder, { recursive: true });
  const window = { x: 0, y: 0, ...size, isMaximized: false };
  writeFileSync(join(folder, 'preferences.json'), JSON.stringify({ theme: theme ?? 'light', window }), { mode: 0o600 });
}

function environment(home: string, runDirectory: string): Record<string, string> {
  const inherited = Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return {
    ...Object.fromEntries(inherited.filter(([name]) => !/^(ELECTRON_RUN_AS_NODE|NODE_OPTIONS|VITEST.*)$/.test(name))),
    HOME: home,
    XDG_CONFIG_HOME: join(home, '.config'),
    XDG_CACHE_HOME: join(home, '.cache'),
    XDG_DATA_HOME: join(home, '.local/share'),
    BERTH_RUN_DIR: runDirectory,
    BERTH_CLI: join(root, 'dist/cli/berth'),
    SHELL: '/bin/bash',
  };
}

/** A question that Berth asked in a dialog of the desktop's. */
export interface AskedQuestion {
  readonly message: string;
  readonly detail: string;
}

/**
 * Answers the desktop's dialogs from now on, which a test cannot press: they belong to the window system. Returns the
 * way to see what was asked since.
 */
export async function answerQuestions(
  { app }: BerthApp,
  answer: 'agree' | 'refuse',
): Promise<() => Promise<AskedQuestion[]>> {
  await app.evaluate(
    ({ dialog }, response) => {
      const asked: AskedQuestion[] = [];
      Object.assign(globalThis, { askedQuestions: asked });
      dialog.showMessageBox = (async (
        _window: unknown,
        { message, detail = '' }: { message: string; detail?: string },
      ) => {
        asked.push({ message, detail });
        return { response, checkboxChecked: false };
      }) as typeof dialog.showMessageBox;
    },
    answer === 'agree' ? 1 : 0,
  );
  return async () =>
    await app.evaluate(() => (globalThis as unknown as { askedQuestions: AskedQuestion[] }).askedQuestions.splice(0));
}
