// SPDX-License-Identifier: MIT
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect, test } from '@playwright/test';
import { imageAlias } from '../../contract/names.ts';
import { expectAccessible } from '../support/accessibility.ts';
import { dragFiles } from '../support/drop-files.ts';
import { openBerth, screenshot, type BerthApp } from '../support/electron-app.ts';
import { startHelper, type HelperProcess } from '../support/helper-process.ts';
import { ImageServer } from '../support/image-server.ts';
import { MainWindow } from '../support/pages/main-window.ts';
import { onlyRemotes, publishDebian } from '../support/publisher.ts';

/**
 * The real debian-12 where `npm run test:debian` built it; else tiny's disk, which boots by its own loader too, in a
 * file that is not tiny's.
 */
const debian = process.env['BERTH_PUBLISHED_DISK'];
const root = resolve(import.meta.dirname, '../..');
const bootLimitMs = debian === undefined ? 150_000 : 600_000;
let helper: HelperProcess;
let berth: BerthApp;
let window: MainWindow;
let server: ImageServer;
let directory: string;

test.beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'berth-dropped-'));
  execFileSync('qemu-img', ['create', '-q', '-f', 'qcow2', join(directory, 'My Disk.qcow2'), '600M']);
  const disk = debian === undefined ? join(directory, 'published.qcow2') : resolve(root, debian);
  if (debian === undefined)
    execFileSync('qemu-img', ['convert', '-O', 'qcow2', join(root, '.cache/images/tiny/disk.qcow2'), disk]);
  server = await ImageServer.start();
  await publishDebian(server, disk);
  server.misbehave('release/debian-12.img', { kind: 'slow', bytesPerSecond: Math.ceil(statSync(disk).size / 12) });
  helper = await startHelper();
  const client = await helper.connect();
  await client.request(
    'images.configure',
    await onlyRemotes(client, [
      { name: 'local', title: 'Local', url: server.url },
      { name: 'broken', title: 'Broken', url: `${server.url}nothing/` },
    ]),
  );
  client.close();
  berth = await openBerth({ runDirectory: helper.runDirectory });
  window = new MainWindow(berth.page);
});

test.afterAll(async () => {
  await berth?.close();
  await helper?.stop();
  await server?.close();
  rmSync(directory, { recursive: true, force: true });
});

test('debian-12 is found at a remote, fetched with progress in sight, and boots', async () => {
  test.setTimeout(bootLimitMs + 180_000);
  const { page } = berth;
  await window.openLaunch();
  await page.getByTestId('catalogue-refresh').click();
  await expect(page.getByTestId('launch-image-local:12')).toBeVisible({ timeout: 30_000 });
  await expect(page.getByTestId('remote-errors')).toContainText('Broken');
  await expect(page.getByTestId('launch-image-tiny')).toBeVisible();
  await page.getByTestId('remote-errors').locator('summary').click();
  await screenshot(page, 'catalogue');
  await expectAccessible(page, 'catalogue');
  const search = page.getByPlaceholder('Search images');
  const versions = page.getByRole('button', { name: /Version/ });
  await versions.click();
  await expect(page.getByRole('option')).toHaveText(['12', '11']); // what is no longer supported is for who asks for it
  await screenshot(page, 'catalogue-versions');
  await page.getByRole('option', { name: '11' }).click();
  await expect(page.getByTestId('launch-image-local:11')).toBeVisible();
  await search.fill('jessie');
  await expect(page.getByTestId('launch-image-local:8')).toBeVisible();
  await search.fill('bookworm');
  await expect(page.getByTestId('launch-image-tiny')).toBeHidden();
  await page.getByTestId('launch-image-local:12').click();
  await page.getByTestId('launch-name').fill('fetched');
  await window.consent();
  await page.getByTestId('launch-submit').click();
  await expect(page.getByTestId('coming-progress')).toContainText(/Downloading the image.*\/s .* left/, {
    timeout: 30_000,
  });
  await screenshot(page, 'launch-downloading');
  await window.go('activity');
  await expect(page.getByText(/\/s · .* left/)).toBeVisible({ timeout: 30_000 });
  await screenshot(page, 'download-progress');
  const client = await helper.connect();
  await client.request('images.fetch', { alias: imageAlias.parse('local:12') });
  client.close();
  await window.go('images');
  await expect(page.getByTestId('under-way-local:12')).toContainText(
    /Downloading local:12.*Downloading the image.*\/s · .* left/,
    { timeout: 30_000 },
  );
  await screenshot(page, 'images-under-way');
  const row = page.getByRole('row', { name: /Debian 12/ }).filter({ hasText: 'local:12' });
  await expect(row).toBeVisible({ timeout: bootLimitMs });
  await expect(row).toContainText('HTTPS only');
  await row.getByRole('button', { name: /^Keep/ }).click();
  await expect(row).toContainText('kept');
  await page.getByTestId('image-prune').click();
  await expect(page.getByText('No images have expired')).toBeVisible();
  await screenshot(page, 'images-fetched');
  await expectAccessible(page, 'images with a fetched one');
  const instance = await window.openInstance('fetched');
  await instance.waitForBoot(bootLimitMs);
  await instance.waitForState('running', bootLimitMs);
  const shell = await instance.openShell();
  await shell.run(
    debian === undefined ? 'uname -s' : '. /etc/os-release; echo "$ID-$VERSION_ID"',
    debian === undefined ? /^Linux/m : /^debian-12/m,
  );
  await screenshot(page, 'fetched-shell');
  await window.go('images');
  await expect(row).toContainText(/fetched\d.* on top of the image/);
});

test('the sources of images are seen and changed in the settings', async () => {
  const { page } = berth;
  await window.go('settings');
  const [local, broken, other] = ['local', 'broken', 'other'].map((name) => page.getByTestId(`source-${name}`));
  await page.getByTestId('sources-refresh').click();
  await expect(local!).toContainText('3 images · HTTPS only · checked');
  await expect(broken!).toContainText('Could not reach');
  await page.getByTestId('source-on-broken').click();
  await expect(broken!).toContainText('switched off');
  await page.getByTestId('source-add').click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Name').fill('other');
  await dialog.getByLabel('Address').fill('not an address');
  await expect(dialog).toContainText('https:// URL');
  await dialog.getByLabel('Address').fill(server.url);
  await dialog.getByLabel('Title').fill('Another');
  await screenshot(page, 'source-add');
  await page.getByTestId('source-save').click();
  await expect(other!).toContainText('Another');
  await other!.getByRole('button', { name: 'Edit Another' }).click();
  await dialog.getByLabel('Mirror').fill('https://mirror.invalid/debian');
  await page.getByTestId('source-save').click();
  await expect(other!).toContainText('mirror https://mirror.invalid/debian');
  await page.getByTestId('source-proxy').fill('http://user:secret@proxy.invalid:3128');
  await page.getByTestId('source-proxy-save').click();
  await expect(page.getByTestId('source-proxy')).toHaveValue(/\*\*\*@proxy\.invalid/);
  await screenshot(page, 'image-sources');
  await expectAccessible(page, 'image sources');
  await other!.getByRole('button', { name: 'Remove Another' }).click();
  await page.getByTestId('source-remove-now').click();
  await expect(other!).toBeHidden();
  const client = await helper.connect();
  const { proxy: _, ...settings } = await client.request('images.settings', {});
  expect(settings).toMatchObject({
    remotes: [{ name: 'local' }, { name: 'broken' }],
    mirrors: {},
    disabled: expect.arrayContaining(['broken', 'debian']),
  });
  await client.request('images.configure', settings);
  client.close();
});

test('in dark colours the same is as plain', async () => {
  const dark = await openBerth({
    runDirectory: helper.runDirectory,
    theme: 'dark',
    env: { https_proxy: 'http://desktop.invalid:3128' },
  });
  try {
    const { page } = dark;
    const other = new MainWindow(page);
    const shoot = async (name: string): Promise<void> => {
      await screenshot(page, name);
      await expectAccessible(page, `${name}, dark`);
    };
    await other.openLaunch();
    await expect(page.getByTestId('launch-image-local:12')).toBeVisible();
    await shoot('catalogue');
    await other.go('images');
    await expect(page.getByRole('row', { name: /Debian 12/ }).filter({ hasText: 'local:12' })).toBeVisible();
    await shoot('images-fetched');
    await page.getByTestId('image-import').click();
    await page.getByRole('dialog').getByLabel('File').fill('https://example.org/disk.raw.xz');
    await shoot('import');
    await page.keyboard.press('Escape');
    await other.go('settings');
    await page.getByTestId('source-local').scrollIntoViewIfNeeded();
    await shoot('image-sources');
    await page.getByTestId('source-proxy-desktop').scrollIntoViewIfNeeded();
    await shoot('image-sources-proxy');
    await page.getByTestId('source-proxy-desktop').click();
    await expect(page.getByTestId('source-proxy')).toHaveValue('http://desktop.invalid:3128');
    await expect(page.getByTestId('source-proxy-save')).toBeEnabled();
    await page.getByTestId('source-local').getByRole('button', { name: 'Edit Local' }).click();
    await shoot('source-edit');
    await page.keyboard.press('Escape');
    await page.getByTestId('source-local').getByRole('button', { name: 'Remove Local' }).click();
    await shoot('source-remove');
  } finally {
    await dark.close();
  }
});

test('a disk image dropped on the catalogue is imported', async () => {
  const { page } = berth;
  await window.openLaunch();
  const drag = await dragFiles(page, page.getByRole('region', { name: 'Images' }), [join(directory, 'My Disk.qcow2')]);
  await expect(page.getByTestId('file-drop-hint')).toContainText('Import this disk image');
  await screenshot(page, 'catalogue-drop');
  await drag.drop();
  const dialog = page.getByRole('dialog');
  await expect(dialog.getByLabel('File')).toHaveValue(/My Disk\.qcow2$/);
  await expect(dialog.getByLabel('Alias')).toHaveValue('my-disk');
  await dialog.getByRole('button', { name: 'Import' }).click();
  await expect(page.getByTestId('launch-image-my-disk')).toBeVisible({ timeout: 60_000 });
});
