// SPDX-License-Identifier: MIT
// In the pseudo-locale every message of the catalogue has accents on its letters. What the window shows without them is
// in no catalogue, and so could be in no other language either.
import { expect, test, type Page } from '@playwright/test';
import { answerQuestions, openBerth, screenshot, type BerthApp } from '../support/electron-app.ts';
import { startHelper, type HelperProcess } from '../support/helper-process.ts';
import type { InstancePage } from '../support/pages/instance-page.ts';
import { MainWindow } from '../support/pages/main-window.ts';
import { wordsOfHelper, wordsWithoutAccents, type PlainWords } from '../support/words-without-accents.ts';

/** Names without two letters in a row, which would be taken for words. */
const running = 'a-1';
const stopped = 'b-2';

let helper: HelperProcess | undefined;
let berth: BerthApp | undefined;

test.beforeAll(async () => {
  test.setTimeout(300_000);
  helper = await startHelper();
  const english = await openBerth({ runDirectory: helper.runDirectory });
  const window = new MainWindow(english.page);
  await (await window.launch({ image: 'tiny', name: running })).waitForBoot();
  const other = await window.launch({ image: 'tiny', name: stopped });
  await other.waitForBoot();
  await other.action('stop').click();
  await other.waitForState('stopped');
  await english.close();
});

test.afterAll(async () => {
  await berth?.close();
  await helper?.stop();
});

test('every word of the window is in the catalogue', async () => {
  berth = await openBerth({ runDirectory: helper!.runDirectory, env: { BERTH_LANGUAGE: 'en-XA' } });
  const found = await walk(berth);
  // What the helper says is put beside the result, for people to see.
  await test.info().attach('plain-words', { body: JSON.stringify(Object.fromEntries(found), undefined, 2) });
  expect(found.size).toBeGreaterThan(10);
  const ours = [...found].flatMap(([screen, { window }]) => window.map((text) => `${screen}: ${text}`));
  expect(ours).toEqual([]);
});

/** All screens; of each, the words that have no accents. */
async function walk(app: BerthApp): Promise<ReadonlyMap<string, PlainWords>> {
  const { page } = app;
  const window = new MainWindow(page);
  const found = new Map<string, PlainWords>();
  let told: readonly string[] = [];
  const look = async (screen: string): Promise<void> => {
    await screenshot(page, `pseudo-${screen}`);
    found.set(screen, await wordsWithoutAccents(page, told));
  };
  await expect(window.row(running)).toBeVisible();
  told = await wordsOfHelper(page, [running, stopped]);
  await look('instances');
  await window.row(stopped).locator('label').click();
  await expect(page.getByRole('toolbar')).toBeVisible();
  await look('bulk-actions');
  await window.row(stopped).locator('label').click();
  await expect(page.getByRole('toolbar')).toBeHidden();
  await window.row(stopped).getByRole('button').last().click();
  await expect(page.getByRole('menu')).toBeVisible();
  await look('menu');
  await page.keyboard.press('Escape');
  await window.openLaunch();
  await expect(page.getByTestId('launch-name')).toBeVisible();
  await look('launch');
  await lookAtTabs(app, look);
  await (await open(page, stopped)).openTab('overview');
  await look('overview-stopped');
  for (const screen of ['images', 'activity', 'settings'] as const) {
    await window.go(screen);
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
    await look(screen);
  }
  await page.keyboard.press('Control+k');
  await expect(page.getByTestId('palette')).toBeVisible();
  await look('palette');
  await page.keyboard.press('Escape');
  await window.go('images');
  await page.getByTestId('image-import').click();
  await expect(page.getByRole('dialog')).toBeVisible();
  await look('import');
  await page.keyboard.press('Escape');
  await window.go('settings');
  await page.getByTestId('source-add').click();
  await expect(page.getByRole('dialog')).toBeVisible();
  await look('image-source');
  await page.keyboard.press('Escape');
  await helper?.stop();
  helper = undefined;
  await expect(window.helperDown).toBeVisible();
  await look('helper-lost');
  return found;
}

async function lookAtTabs(app: BerthApp, look: (screen: string) => Promise<void>): Promise<void> {
  const { page } = app;
  const instance = await open(page, running);
  await expect(instance.phase('sshd')).toBeVisible();
  await look('overview');
  await (await instance.openConsole()).waitFor(/\S/);
  await look('console');
  await instance.openTab('shell');
  await look('shell-none');
  await instance.openTab('shares');
  await expect(page.getByTestId('share-add')).toBeVisible();
  await look('shares');
  await page.getByTestId('copy-out-open').click();
  await expect(page.getByTestId('copy-out-list')).toBeVisible();
  await look('copy-out');
  await page.keyboard.press('Escape');
  await instance.openTab('security');
  await expect(page.getByTestId('security-verdict')).toBeVisible();
  await look('security');
  await answerQuestions(app, 'agree');
  await instance.openTab('terminal');
  await expect(page.getByTestId('local-terminal')).toBeVisible();
  await look('terminal');
}

async function open(page: Page, name: string): Promise<InstancePage> {
  return await new MainWindow(page).openInstance(name);
}
