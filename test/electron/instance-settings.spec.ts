// SPDX-License-Identifier: MIT
import { expect, test } from '@playwright/test';
import { instanceName } from '#contract/names.ts';
import { mebibyte } from '#contract/units.ts';
import { expectAccessible } from '../support/accessibility.ts';
import { openBerth, screenshot, type BerthApp } from '../support/electron-app.ts';
import { startHelper, type HelperProcess } from '../support/helper-process.ts';
import { InstanceClient } from '../support/instance-client.ts';
import { MainWindow } from '../support/pages/main-window.ts';

const name = instanceName.parse('shop');
let helper: HelperProcess;
let berth: BerthApp | undefined;

test.beforeAll(async () => {
  helper = await startHelper();
  const client = new InstanceClient(await helper.connect());
  for (const each of [name, 'database']) expect(await client.launch(each)).toMatchObject({ state: 'succeeded' });
  await client.run('instances.stop', 'database');
  client.connection.close();
});

test.afterEach(async () => {
  await berth?.close();
  berth = undefined;
});

test.afterAll(async () => {
  const client = await helper.connect();
  await client.request('instances.set', { name, isProtected: false });
  client.close();
  await helper?.stop();
});

test('CPUs and memory of a running instance are edited, say when they change, and do so at a restart', async () => {
  const { page, instance } = await openSettings(name);
  await expect(page.getByTestId('setting-diskBytes')).toBeDisabled();
  await expect(page.getByText('Stop the instance to make its disk larger.')).toBeVisible();
  await page.getByTestId('setting-cpus').fill('0');
  await expect(page.getByText('at least 1', { exact: true })).toBeVisible();
  await page.getByTestId('setting-memoryBytes').fill('much');
  await expect(page.getByText('write a size such as 512M or 2G')).toBeVisible();
  await expect(page.getByTestId('settings-save')).toBeDisabled();
  await screenshot(page, 'instance-settings-errors');
  await page.getByTestId('setting-cpus').fill('2');
  await page.getByTestId('setting-memoryBytes').fill('384M');
  await expect(page.getByText(`berth set ${name} cpus=2 memory=384M`)).toBeVisible();
  await page.getByTestId('settings-save').click();
  await expect(page.getByText('Some of it takes effect at the next start.')).toBeVisible();
  await expect(page.getByText('It has 1 until then.')).toBeVisible();
  await expect(page.getByText('It has 256 MiB until then.')).toBeVisible();
  await screenshot(page, 'instance-settings-saved');
  await expectAccessible(page, 'settings of an instance');
  await page.getByRole('button', { name: 'Restart now' }).click();
  await expect(page.getByText('It has 1 until then.')).toBeHidden({ timeout: 120_000 });
  await instance.waitForState('running');
  const client = new InstanceClient(await helper.connect());
  expect((await client.exec(name, 'nproc')).stdout).toBe('2\n');
  client.connection.close();
});

test('a stopped instance gets more CPUs and a larger disk, and what the helper refuses stands beside its field', async () => {
  const { page } = await openSettings('database');
  await page.getByTestId('setting-diskBytes').fill('512M');
  await expect(page.getByText('A disk cannot be made smaller. It has 1 GiB.')).toBeVisible();
  await page.getByTestId('setting-diskBytes').fill('2G');
  await page.getByTestId('setting-memoryBytes').fill('1024G');
  await page.getByTestId('settings-save').click();
  await expect(page.getByText(/with 1 TiB of memory can never run here/)).toBeVisible();
  await screenshot(page, 'instance-settings-refused');
  await page.getByTestId('setting-memoryBytes').fill('256M');
  await page.getByTestId('setting-cpus').fill('2');
  await page.getByTestId('settings-save').click();
  await expect(page.getByText('The file system of database does not grow by itself.')).toBeVisible();
  await expect(page.getByTestId('setting-diskBytes')).toHaveValue('2G');
  await screenshot(page, 'instance-settings-disk');
  const client = await helper.connect();
  expect(await client.request('instances.info', { name: instanceName.parse('database') })).toMatchObject({
    cpus: 2,
    memoryBytes: 256 * mebibyte,
    diskBytes: 2048 * mebibyte,
  });
  client.close();
});

test('tags are given and narrow the list, and what is protected cannot be deleted', async () => {
  const { page, instance } = await openSettings(name);
  await page.getByTestId('setting-description').fill('The shop that customers see');
  await page.getByTestId('setting-tags').fill('web, -broken');
  await expect(page.getByText(/use letters, digits and \. _ - in a tag/)).toBeVisible();
  await page.getByTestId('setting-tags').fill('web, public, seen-by-all, fourth');
  await page.getByTestId('setting-isProtected').click();
  await page.getByTestId('settings-save').click();
  await expect(page.getByTestId('protected')).toHaveText('Protected');
  await screenshot(page, 'instance-settings-protected');
  await instance.openTab('overview');
  await expect(page.getByText('The shop that customers see')).toBeVisible();
  await screenshot(page, 'instance-settings-overview');
  await instance.openTab('settings');
  await instance.action('delete').click();
  await expect(page.getByText(`${name} is protected, so it cannot be deleted.`)).toBeVisible();
  await expect(page.getByRole('alert').getByRole('button', { name: 'Console' })).toHaveCount(0);
  const window = new MainWindow(page);
  await window.go('instances');
  await expect(window.row(name).getByTestId('protected')).toBeVisible();
  await expect(window.row(name)).toContainText('public');
  await expect(window.row(name)).toContainText('+1');
  await page.getByTestId('tag-web').click();
  await expect(window.row('database')).toBeHidden();
  await expect(window.row(name)).toBeVisible();
  await screenshot(page, 'instances-by-tag');
  await expectAccessible(page, 'instances by tag');
  await page.getByTestId('tag-web').click();
  await expect(window.row('database')).toBeVisible();
});

test('the same holds in the dark and in the smallest window', async () => {
  berth = await openBerth({ runDirectory: helper.runDirectory, theme: 'dark' });
  await (await new MainWindow(berth.page).openInstance(name)).openTab('settings');
  await screenshot(berth.page, 'instance-settings');
  await expectAccessible(berth.page, 'settings of an instance in the dark');
  await berth.close();
  berth = await openBerth({ runDirectory: helper.runDirectory, size: { width: 820, height: 560 } });
  const { page } = berth;
  await screenshot(page, 'instances-by-tag-small');
  await (await new MainWindow(page).openInstance(name)).openTab('settings');
  await expect(page.getByTestId('settings-page')).toBeVisible();
  await screenshot(page, 'instance-settings-small');
  expect(await page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth')).toBe(0);
});

async function openSettings(each: string) {
  berth = await openBerth({ runDirectory: helper.runDirectory });
  const { page } = berth;
  const instance = await new MainWindow(page).openInstance(each);
  await instance.openTab('settings');
  return { page, instance };
}
