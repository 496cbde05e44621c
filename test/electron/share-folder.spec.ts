// SPDX-License-Identifier: MIT
import { readFile, writeFile } from 'node:fs/promises';
import { expect, test } from '@playwright/test';
import { dragFiles } from '../support/drop-files.ts';
import { openBerth, screenshot, type BerthApp } from '../support/electron-app.ts';
import { expectSuccess } from '../support/expect-success.ts';
import { startHelper, type HelperProcess } from '../support/helper-process.ts';
import { InstanceClient } from '../support/instance-client.ts';
import { MainWindow } from '../support/pages/main-window.ts';
import { SharedFolder } from '../support/shared-folder.ts';

let helper: HelperProcess;
let client: InstanceClient;
let berth: BerthApp;
let window: MainWindow;

test.beforeAll(async () => {
  test.setTimeout(300_000);
  helper = await startHelper();
  client = new InstanceClient(await helper.connect());
  expectSuccess(await client.launch('one'));
  berth = await openBerth({ runDirectory: helper.runDirectory });
  window = new MainWindow(berth.page);
});

test.afterAll(async () => {
  await berth?.close();
  await helper?.stop();
});

test('a folder dropped on an instance\'s row is in the instance; Enter accepts', async () => {
  const { page } = berth;
  await using folder = await SharedFolder.create('my project');
  await writeFile(folder.in('from-host'), 'hello');
  const drag = await dragFiles(page, window.row('one'), [folder.path]);
  await expect(page.getByTestId('drop-hint')).toHaveText('Share with one');
  await screenshot(page, 'share-drag');
  await drag.drop();
  await expect(page.getByTestId('share-source')).toHaveValue(folder.path);
  await expect(page.getByTestId('share-target')).toHaveValue('my project');
  await screenshot(page, 'share-sheet');
  await page.getByTestId('share-target').press('Enter');
  await expect(page.getByTestId('share-sheet')).toBeHidden({ timeout: 60_000 });

  const instance = await window.openInstance('one');
  await instance.openTab('shares');
  await expect(page.getByTestId('share-state')).toHaveText('Connected', { timeout: 60_000 });
  await screenshot(page, 'shares');
  expect(await client.exec('one', 'sh', '-c', 'cat "my project/from-host" && echo from-guest > "my project/from-guest"')).toMatchObject({ stdout: 'hello', exitCode: 0 });
  expect(await readFile(folder.in('from-guest'), 'utf8')).toBe('from-guest\n');

  await page.getByTestId('share-remove').click();
  await expect(page.getByTestId('share-state')).toBeHidden({ timeout: 60_000 });
  expect(await client.exec('one', 'ls')).toMatchObject({ stdout: '' });
});

test('two folders dropped on the instance\'s page are asked for one after the other', async () => {
  const { page } = berth;
  await using first = await SharedFolder.create('first');
  await using second = await SharedFolder.create('second');
  await window.openInstance('one');
  await (await dragFiles(page, page.locator('main[data-instance=one]'), [first.path, second.path])).drop();
  await expect(page.getByTestId('share-target')).toHaveValue('first');
  await page.getByTestId('share-submit').click();
  await expect(page.getByTestId('share-target')).toHaveValue('second', { timeout: 60_000 });
  await page.getByText('Only reads').click();
  await page.getByTestId('share-submit').click();
  await expect(page.getByTestId('share-sheet')).toBeHidden({ timeout: 60_000 });
  expect(await client.exec('one', 'sh', '-c', 'touch first/f && ! touch second/f 2> /dev/null')).toMatchObject({ exitCode: 0 });
});

test('a refused target says why and can be corrected', async () => {
  const { page } = berth;
  await using folder = await SharedFolder.create('third');
  await window.go('instances');
  await (await dragFiles(page, window.row('one'), [folder.path])).drop();
  await page.getByTestId('share-target').fill('/etc/third');
  await page.getByTestId('share-target').press('Enter');
  await expect(page.getByRole('alert')).toContainText('below /etc');
  await page.getByTestId('share-target').fill('/srv/third');
  await page.getByTestId('share-target').press('Enter');
  await expect(page.getByTestId('share-sheet')).toBeHidden({ timeout: 60_000 });
});

test('a file is refused with a word, and a drag that leaves leaves nothing', async () => {
  const { page } = berth;
  await using folder = await SharedFolder.create('fourth');
  await writeFile(folder.in('file.txt'), 'x');
  await window.go('instances');
  await (await dragFiles(page, window.row('one'), [folder.in('file.txt')])).drop();
  await expect(page.getByTestId('drop-refused')).toBeVisible();
  await expect(page.getByTestId('share-sheet')).toBeHidden();
  const drag = await dragFiles(page, window.row('one'), [folder.path]);
  await expect(page.getByTestId('drop-hint')).toBeVisible();
  await drag.leave();
  await expect(page.getByTestId('drop-hint')).toBeHidden();
});
