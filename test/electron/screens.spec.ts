// SPDX-License-Identifier: MIT
import { expect, test } from '@playwright/test';
import { expectAccessible } from '../support/accessibility.ts';
import { answerQuestions, openBerth, screenshot, type BerthApp } from '../support/electron-app.ts';
import { startHelper, type HelperProcess } from '../support/helper-process.ts';
import { MainWindow } from '../support/pages/main-window.ts';

let helper: HelperProcess;
let berth: BerthApp | undefined;

test.beforeAll(async () => {
  test.setTimeout(300_000);
  helper = await startHelper();
  const first = await openBerth({ runDirectory: helper.runDirectory });
  const window = new MainWindow(first.page);
  await expect(first.page.getByTestId('launch-open').first()).toBeVisible();
  await screenshot(first.page, 'instances-empty');
  await expectAccessible(first.page, 'no instances');
  await (await window.launch({ image: 'tiny', name: 'alpha' })).waitForBoot();
  const stopped = await window.launch({ image: 'tiny', name: 'beta' });
  await stopped.waitForBoot();
  await stopped.action('stop').click();
  await stopped.waitForState('stopped');
  await first.close();
});

test.afterEach(async () => {
  await berth?.close();
  berth = undefined;
});

test.afterAll(async () => {
  await helper?.stop();
});

for (const theme of ['light', 'dark'] as const) {
  test(`every screen is photographed and accessible in ${theme}`, async () => {
    berth = await openBerth({ runDirectory: helper.runDirectory, theme });
    await walkScreens(berth, '');
  });
}

test('every screen holds together in the smallest window', async () => {
  berth = await openBerth({ runDirectory: helper.runDirectory, size: { width: 820, height: 560 } });
  await walkScreens(berth, '-small');
  const overflow = await berth.page.evaluate(
    'document.documentElement.scrollWidth - document.documentElement.clientWidth',
  );
  expect(overflow).toBe(0);
});

test('the main path works by keyboard alone', async () => {
  berth = await openBerth({ runDirectory: helper.runDirectory });
  const { page } = berth;
  const window = new MainWindow(page);
  await expect(window.row('alpha')).toBeVisible();
  await tabTo(page, 'launch-open');
  await page.keyboard.press('Enter');
  await expect(page.getByTestId('launch-name')).toBeFocused();
  await page.keyboard.type('gamma');
  if (await page.getByTestId('launch-consent').isVisible()) {
    await tabTo(page, 'launch-consent');
    await page.keyboard.press('Space');
  }
  await tabTo(page, 'launch-submit');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { name: 'gamma', exact: true })).toBeVisible();
  await expect(page.getByTestId('tab-overview')).toBeVisible();
  await tabTo(page, 'tab-overview');
  await page.keyboard.press('ArrowRight');
  await expect(page.getByTestId('console-terminal')).toBeVisible();
  await page.keyboard.press('Control+k');
  await expect(page.getByTestId('palette')).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(page.getByTestId('palette')).toBeHidden();
});

async function walkScreens(app: BerthApp, suffix: string): Promise<void> {
  const { page } = app;
  const window = new MainWindow(page);
  const shoot = async (name: string): Promise<void> => {
    await screenshot(page, `${name}${suffix}`);
    await expectAccessible(page, name);
  };
  await expect(window.row('alpha')).toBeVisible();
  await shoot('instances');
  await window.openLaunch();
  await expect(page.getByTestId('launch-name')).toBeVisible();
  await shoot('launch');
  const running = await window.openInstance('alpha');
  await expect(running.phase('sshd')).toBeVisible();
  await shoot('overview');
  const console = await running.openConsole();
  await console.waitFor(/\S/);
  await shoot('console');
  const shell = await running.openShell();
  await shell.waitFor(/[#$] /);
  await shell.run('ls --color=auto / && uname -a', /^Linux/m);
  await shoot('shell');
  await running.openTab('shares');
  await expect(page.getByTestId('share-add')).toBeVisible();
  await shoot('shares-none');
  await answerQuestions(app, 'agree');
  await running.openTab('terminal');
  await expect(page.getByTestId('local-terminal')).toBeVisible();
  await shoot('terminal');
  await (await window.openInstance('beta')).waitForState('stopped');
  await shoot('overview-stopped');
  for (const screen of ['images', 'activity', 'settings'] as const) {
    await window.go(screen);
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
    await shoot(screen);
  }
  await page.keyboard.press('Control+k');
  await expect(page.getByTestId('palette')).toBeVisible();
  await shoot('palette');
  await page.keyboard.press('Escape');
}

/** Goes on by Tab alone until the element has the focus. */
async function tabTo(page: BerthApp['page'], testId: string): Promise<void> {
  for (let presses = 0; presses < 60; presses += 1) {
    if (
      await page.evaluate(
        (id) => document.activeElement?.closest('[data-testid]')?.getAttribute('data-testid') === id,
        testId,
      )
    )
      return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`${testId} cannot be reached by Tab`);
}
