// SPDX-License-Identifier: MIT
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, test } from '@playwright/test';
import { answerQuestions, openBerth, screenshot, type BerthApp } from '../support/electron-app.ts';
import { startHelper, type HelperProcess } from '../support/helper-process.ts';
import { MainWindow } from '../support/pages/main-window.ts';
import { signalProcess } from '../support/signal-process.ts';

let helper: HelperProcess;
let berth: BerthApp;
let window: MainWindow;
let directory: string;

test.beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'berth-images-'));
  execFileSync('qemu-img', ['create', '-q', '-f', 'qcow2', join(directory, 'My Disk.qcow2'), '600M']);
  execFileSync('qemu-img', [
    'create',
    '-q',
    '-f',
    'qcow2',
    '-F',
    'qcow2',
    '-b',
    join(directory, 'My Disk.qcow2'),
    join(directory, 'child.qcow2'),
  ]);
  helper = await startHelper();
  berth = await openBerth({ runDirectory: helper.runDirectory });
  await answerQuestions(berth, 'agree');
  window = new MainWindow(berth.page);
});

test.afterAll(async () => {
  await berth?.close();
  await helper?.stop();
  rmSync(directory, { recursive: true, force: true });
});

test('a disk image is imported, and one that leans on another is refused with the reason', async () => {
  const { page } = berth;
  await window.go('images');
  await page.getByTestId('image-import').click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('File').fill('disk.qcow2');
  await expect(dialog).toContainText('an absolute path');
  await dialog.getByLabel('File').fill(join(directory, 'child.qcow2'));
  await dialog.getByLabel('Alias').fill('leaning');
  await dialog.getByRole('button', { name: 'Import' }).click();
  // Told in the dialog or, by the operation, in a notice.
  await expect(page.getByText(/cannot be used/).first()).toBeVisible({ timeout: 30_000 });
  await screenshot(page, 'import-refused');
  await page.keyboard.press('Escape');

  if (await dialog.isVisible()) await dialog.getByRole('button', { name: 'Cancel' }).click();
  await page.getByTestId('image-import').click();
  await dialog.getByLabel('File').fill(join(directory, 'My Disk.qcow2'));
  await dialog.getByLabel('Alias').fill('mine');
  await screenshot(page, 'import');
  await dialog.getByRole('button', { name: 'Import' }).click();
  await expect(page.getByRole('region', { name: 'Vault' }).getByRole('rowheader', { name: 'mine' })).toBeVisible({
    timeout: 60_000,
  });
  await screenshot(page, 'images');
});

test('what is wrong with a launch is said beside its field, before anything is launched', async () => {
  const { page } = berth;
  await window.openLaunch();
  await page.getByTestId('launch-image-tiny').click();
  const submit = page.getByTestId('launch-submit');
  await page.getByTestId('launch-name').fill('Not A Name');
  await expect(page.getByTestId('launch-name')).toHaveAccessibleDescription(/begin with a letter/);
  await expect(submit).toBeDisabled();
  await page.getByTestId('launch-name').fill('configured');
  await page.getByTestId('launch-memory').fill('much');
  await expect(page.getByTestId('launch-memory')).toHaveAccessibleDescription(/512M or 2G/);
  await page.getByTestId('launch-memory').fill('1M');
  await expect(page.getByTestId('launch-memory')).toHaveAccessibleDescription(/at least/);
  await page.getByTestId('launch-memory').fill('256M');
  await page.getByTestId('launch-userdata').fill('hostname: nothing');
  await expect(page.getByTestId('launch-userdata')).toHaveAccessibleDescription(/first line/);
  await screenshot(page, 'launch-errors');
  await page.getByTestId('launch-userdata').fill('#cloud-config\n');
  await window.consent();
  await expect(submit).toBeEnabled();
  const file = page.locator('input[type=file]');
  await file.setInputFiles({ name: 'junk.bin', mimeType: 'application/octet-stream', buffer: Buffer.from([0, 1, 2]) });
  await expect(page.getByTestId('launch-userdata-file')).toHaveAccessibleDescription(/binary data/);
  await expect(submit).toBeDisabled();
  await page.getByRole('button', { name: 'Remove' }).click();
  await file.setInputFiles({ name: 'user-data.gz', mimeType: 'application/gzip', buffer: gzipSync('#cloud-config\n') });
  await expect(page.getByTestId('launch-userdata-file')).toHaveValue(/^user-data\.gz \(/);
  await expect(submit).toBeEnabled();
});

test('cloud-init user data reaches the guest', async () => {
  const instance = await window.launch({
    image: 'tiny',
    name: 'configured',
    userData: '#cloud-config\nruncmd:\n  - echo from-user-data > /tmp/proof\n',
  });
  await instance.waitForBoot();
  await expect(instance.phase('cloud-init')).toHaveAttribute('data-state', /done|skipped/, { timeout: 60_000 });
  const terminal = await instance.openShell();
  await terminal.run('cat /tmp/proof', /^from-user-data$/m);
});

test("a launch that fails says in which phase, with the console's last lines", async () => {
  const { page } = berth;
  const instance = await window.launch({ image: 'tiny', name: 'doomed' });
  await expect(instance.phase('kernel')).toHaveAttribute('data-state', /running|done/, { timeout: 60_000 });
  const client = await helper.connect();
  const { pid } = await client.request('instances.info', { name: 'doomed' as never });
  client.close();
  signalProcess(pid, 'SIGKILL');
  const alert = page.getByRole('alert').filter({ hasText: /Could not launch doomed: \w+ phase/ });
  await expect(alert).toContainText('QEMU ended', { timeout: 30_000 });
  await expect(alert.locator('pre')).toContainText(/\S/);
  await expect(page.getByRole('heading', { name: 'Could not launch doomed' })).toBeVisible();
  // the kernel's own time stamps
  await expect(page.getByRole('main').getByRole('alert').locator('pre')).toContainText(/\[ +\d+\.\d+\]/);
  await screenshot(page, 'launch-failed');
});
