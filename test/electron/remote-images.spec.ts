// SPDX-License-Identifier: MIT
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { imageSettings } from '../../contract/images.ts';
import { expectAccessible } from '../support/accessibility.ts';
import { openBerth, screenshot, type BerthApp } from '../support/electron-app.ts';
import { startHelper, type HelperProcess } from '../support/helper-process.ts';
import { ImageServer } from '../support/image-server.ts';
import { putSimplestreams } from '../support/image-trees.ts';
import { MainWindow } from '../support/pages/main-window.ts';

let helper: HelperProcess;
let berth: BerthApp;
let window: MainWindow;
let server: ImageServer;

test.beforeAll(async () => {
  server = await ImageServer.start();
  // The disk of tiny stands for a publisher's: what is proved is its way here, not its boot.
  const content = readFileSync(join(import.meta.dirname, '../../.cache/images/tiny/disk.qcow2'));
  putSimplestreams(server, '', [
    { version: '13', codename: 'trixie', os: 'debian', aliases: 'trixie', builds: { '20260301': { ftype: 'disk1.img', path: 'release/debian-13.img', content } } },
    { version: '12', codename: 'bookworm', os: 'debian', aliases: 'bookworm', builds: { '20260301': { ftype: 'disk1.img', path: 'release/debian-12.img', content } } },
    { version: '9', codename: 'stretch', os: 'debian', aliases: 'stretch', isSupported: false, builds: { '20190301': { ftype: 'disk1.img', path: 'release/debian-9.img', content } } },
  ]);
  server.misbehave('release/debian-12.img', { kind: 'slow', bytesPerSecond: Math.ceil(content.length / 15) });
  helper = await startHelper();
  const client = await helper.connect();
  await client.request('images.configure', imageSettings.parse({
    remotes: [{ name: 'local', title: 'Local', url: server.url }, { name: 'broken', title: 'Broken', url: `${server.url}nothing/` }],
    disabled: ['ubuntu', 'ubuntu-daily', 'debian', 'fedora', 'alpine', 'rocky', 'almalinux', 'opensuse', 'arch'],
  }));
  client.close();
  berth = await openBerth({ runDirectory: helper.runDirectory });
  window = new MainWindow(berth.page);
});

test.afterAll(async () => {
  await berth?.close();
  await helper?.stop();
  await server?.close();
});

test('the catalogue is refreshed, searched and launched from, with progress in sight', async () => {
  const { page } = berth;
  await window.openLaunch();
  await page.getByTestId('catalogue-refresh').click();
  await expect(page.getByTestId('launch-image-local:13')).toBeVisible({ timeout: 30_000 });
  await expect(page.getByTestId('remote-errors')).toContainText('Broken');
  await expect(page.getByTestId('launch-image-tiny')).toBeVisible();
  await page.getByTestId('remote-errors').locator('summary').click();
  await screenshot(page, 'catalogue');
  await expectAccessible(page, 'catalogue');
  await page.getByPlaceholder('Search images').fill('bookworm');
  await expect(page.getByTestId('launch-image-tiny')).toBeHidden();
  await page.getByTestId('launch-image-local:12').click();
  await page.getByTestId('launch-name').fill('fetched');
  await window.consent();
  await page.getByTestId('launch-submit').click();
  await expect(page.getByTestId('coming-progress')).toContainText(/download .*\/s .* left/, { timeout: 30_000 });
  await screenshot(page, 'launch-downloading');
  await window.go('activity');
  await expect(page.getByText(/\/s, .* left/)).toBeVisible({ timeout: 30_000 });
  await screenshot(page, 'download-progress');
  await window.go('images');
  const row = page.getByRole('row', { name: /Debian 12/ });
  await expect(row).toBeVisible({ timeout: 60_000 });
  await row.getByRole('button', { name: /^Keep/ }).click();
  await expect(row).toContainText('kept');
  await screenshot(page, 'images-fetched');
  await expectAccessible(page, 'images with a fetched one');
});
