// SPDX-License-Identifier: MIT
import { expect, test } from '@playwright/test';
import { answerQuestions, openBerth, screenshot, type BerthApp } from '../support/electron-app.ts';
import { startHelper, type HelperProcess } from '../support/helper-process.ts';
import { MainWindow } from '../support/pages/main-window.ts';
import { TerminalPane } from '../support/pages/terminal.ts';

let helper: HelperProcess;
let berth: BerthApp;
let window: MainWindow;

test.beforeAll(async () => {
  helper = await startHelper();
  berth = await openBerth({ runDirectory: helper.runDirectory });
  window = new MainWindow(berth.page);
});

test.afterAll(async () => {
  await berth?.close();
  await helper?.stop();
});

test('launch, watch, log in, stop, delete, undo, start again: all by clicks', async () => {
  test.setTimeout(420_000);
  const { page } = berth;
  const password = 'harbour-light';
  await test.step('launch tiny and see its phases advance', async () => {
    const instance = await window.launch({
      image: 'tiny',
      name: 'first',
      userData: `#cloud-config\npassword: ${password}\n`,
    });
    await expect(instance.phase('kernel')).toHaveAttribute('data-state', /running|done/, { timeout: 60_000 });
    await expect(instance.phase('disk')).toHaveAttribute('data-state', 'done');
    await screenshot(page, 'overview-booting');
    await instance.waitForBoot();
    await instance.waitForState('running');
    await screenshot(page, 'overview-running');
  });

  const instance = await window.openInstance('first');
  await test.step("type on the serial console and read the guest's answer", async () => {
    const terminal = await instance.openConsole();
    await terminal.waitFor(/Linux version/);
    await terminal.type(''); // takes the focus
    await terminal.login('berth', password);
    await terminal.run('echo $((6*7))-from-console', /^42-from-console/m);
    await screenshot(page, 'console');
  });

  await test.step('open a shell and run a command in it', async () => {
    const terminal = await instance.openShell();
    await terminal.waitFor(/[#$] /);
    await terminal.run('echo $((8*9))-from-shell; uname -s', /^72-from-shell[\s\S]*^Linux/m);
    await screenshot(page, 'shell');
  });

  await test.step('a terminal of this computer has berth at hand', async () => {
    await answerQuestions(berth, 'agree');
    await instance.openTab('terminal');
    const terminal = new TerminalPane(page.getByTestId('local-terminal'));
    await terminal.waitFor(/[#$] /);
    await terminal.run('tty; type berth', /^\/dev\/pts\/\d+/m);
    await screenshot(page, 'terminal');
  });

  await test.step('stop, delete, undo, start again', async () => {
    await instance.openTab('overview');
    await instance.action('stop').click();
    await instance.waitForState('stopped');
    await screenshot(page, 'overview-stopped');
    await instance.action('delete').click();
    await page.getByTestId('undo-delete').click();
    await expect(window.row('first')).toBeVisible({ timeout: 30_000 });
    await window.openInstance('first');
    await instance.action('start').click();
    await instance.waitForBoot();
    await instance.waitForState('running');
    const terminal = await instance.openShell();
    await terminal.run('echo back-$((1+1))', /^back-2/m);
  });

  await test.step('delete for good leaves an empty list', async () => {
    await window.go('instances');
    await screenshot(page, 'instances');
    await window.openInstance('first');
    await instance.action('stop').click();
    await instance.waitForState('stopped');
    await instance.action('delete').click();
    await expect(window.row('first')).toBeHidden();
    await page.getByTestId('purge-first').click();
    await page.getByTestId('purge-confirm').click();
    await expect(page.getByTestId('deleted-first')).toBeHidden({ timeout: 30_000 });
    await screenshot(page, 'instances-empty');
  });
});
