// SPDX-License-Identifier: MIT
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from '@playwright/test';
import type { InstanceName } from '#contract/names.ts';
import { expectAccessible } from '../support/accessibility.ts';
import { AuditFile } from '../support/audit-file.ts';
import { answerQuestions, openBerth, screenshot, type BerthApp } from '../support/electron-app.ts';
import { startHelper, type HelperProcess } from '../support/helper-process.ts';
import { MainWindow } from '../support/pages/main-window.ts';

const name = 'walled' as InstanceName;
let audit: AuditFile;
let helper: HelperProcess;
let berth: BerthApp | undefined;
/** Not in /tmp, of which machines have an empty one. */
let folder: string;

test.beforeAll(async () => {
  folder = await mkdtemp('/var/tmp/berth-security-');
  await writeFile(path.join(folder, 'disc.iso'), 'data', { mode: 0o600 });
  audit = await AuditFile.create();
  helper = await startHelper({ args: ['--audit-file', audit.path] });
  const client = await helper.connect();
  const { operationId } = await client.request('instances.launch', {
    image: 'tiny',
    name,
    memoryBytes: 256 * 1024 ** 2,
    isAllowedWithoutAppArmor: true,
  });
  await client.request('operations.wait', { id: operationId });
  client.close();
});

test.afterEach(async () => {
  await berth?.close();
  berth = undefined;
});

test.afterAll(async () => {
  await helper?.stop();
  await audit?.remove();
  await rm(folder, { recursive: true });
});

test('the page says what was measured, and what the machine can touch', async () => {
  const { page, instance } = await openSecurity();
  const isHeld = await hasAppArmor();
  await expect(page.getByTestId('security-verdict')).toHaveAttribute('data-verdict', isHeld ? 'held' : 'partly');
  await expect(page.getByTestId('layer-apparmor')).toHaveAttribute('data-state', isHeld ? 'on' : 'unavailable');
  await expect(page.getByTestId('layer-uid')).toContainText(/user ids \d{4,}/);
  await expect(page.getByTestId('touch-disk')).toContainText(`instances/${name}/disk.qcow2`);
  await expect(page.getByTestId('touch-disk')).toContainText('read and write');
  await expect(page.getByTestId('touch-image').getByText('read', { exact: true })).toBeVisible();
  await expect(page.getByTestId('touch-rest')).toContainText(isHeld ? 'Nothing else' : 'every user');
  await expect(page.getByTestId('denials-none')).toBeVisible();
  await screenshot(page, 'security-nothing-refused');
  await expectAccessible(page, 'security, nothing refused');
  await page.getByTestId('touch-list').scrollIntoViewIfNeeded();
  await page.getByTestId('touch-network').scrollIntoViewIfNeeded();
  await screenshot(page, 'security-touch');
  await instance.action('stop').click();
  await instance.waitForState('stopped');
  await expect(page.getByTestId('security-verdict')).toHaveAttribute('data-verdict', 'idle');
  await page.getByTestId('security-verdict').scrollIntoViewIfNeeded();
  await screenshot(page, 'security-stopped');
  await instance.action('start').click();
  await expect(page.getByTestId('layer-uid')).toHaveAttribute('data-state', 'on', { timeout: 60_000 });
});

test('permission to run without AppArmor is taken back, asked for at the next start, and given there', async () => {
  test.skip(await hasAppArmor(), 'this kernel has AppArmor: nobody is asked');
  const { page, instance } = await openSecurity();
  await page.getByTestId('consent-withdraw').click();
  await expect(page.getByTestId('consent-withdraw')).toBeHidden();
  await instance.action('stop').click();
  await instance.waitForState('stopped');
  await instance.action('start').click();
  const allow = page.getByTestId('start-with-consent');
  await expect(allow).toBeVisible();
  await screenshot(page, 'security-consent');
  await expectAccessible(page, 'security, permission asked for');
  await allow.click();
  await expect(allow).toBeHidden();
  await expect(page.getByTestId('layer-uid')).toHaveAttribute('data-state', 'on', { timeout: 60_000 });
  await expect(page.getByTestId('consent-withdraw')).toBeVisible();
});

test('what is refused shows at once, in plain words, and is decided on by keyboard', async () => {
  const { page } = await openSecurity();
  await expect(page.getByTestId('security-page')).toBeVisible();
  await audit.deny(name, { path: '/home/mia/disc.iso' });
  await audit.deny(name, { path: '/home/mia/disc.iso', mask: 'wr' });
  await audit.deny(name, { path: '/etc/shadow' });
  const refused = page.locator('[data-testid^="denial-"]').filter({ has: page.locator('h3') });
  await expect(refused).toHaveCount(2);
  await expect(page.getByTestId('tab-security')).toContainText('2');
  await expect(refused.filter({ hasText: 'disc.iso' })).toContainText('2 times');
  await expect(refused.filter({ hasText: 'disc.iso' })).toContainText('tried to read and write to');
  const secret = refused.filter({ hasText: '/etc/shadow' });
  await expect(secret).toContainText('passwords or keys');
  await screenshot(page, 'security');
  await expectAccessible(page, 'security');
  await secret.getByTestId('denial-keep').focus();
  await page.keyboard.press('Enter');
  await expect(page.getByTestId('denials-decided')).toContainText('1');
  await expect(page.getByTestId('tab-security')).toContainText('1');
  await page.getByTestId('denials-decided').click();
  await secret.getByText('Details').click();
  await expect(secret.getByText('"/etc/shadow" r,')).toBeVisible();
  await screenshot(page, 'security-decided');
});

test('a file is allowed, shows among what the machine can touch, and is taken back', async () => {
  const { page, questions } = await openSecurity();
  const file = path.join(folder, 'disc.iso');
  await audit.deny(name, { path: file });
  const refused = page
    .locator('[data-testid^="denial-"]')
    .filter({ has: page.locator('h3') })
    .filter({ hasText: file });
  await refused.getByTestId('denial-read').click();
  await expect.poll(questions).toEqual([{ message: `Let ${name} read this file?`, detail: file }]);
  await expect(page.getByTestId('touch-granted')).toContainText(file);
  await expect(page.getByTestId('touch-granted').getByText('read', { exact: true })).toBeVisible();
  await page.getByTestId('denials-decided').click();
  await expect(refused).toContainText('Allowed to read');
  await refused.scrollIntoViewIfNeeded();
  await screenshot(page, 'security-allowed');
  await expectAccessible(page, 'security, something allowed');
  await refused.getByTestId('denial-read-write').click();
  await expect.poll(questions).toEqual([{ message: `Let ${name} read and change this file?`, detail: file }]);
  await expect(page.getByTestId('touch-granted').getByText('read and write', { exact: true })).toBeVisible();
  await page.getByTestId('take-back').click();
  await expect(page.getByTestId('touch-granted')).toBeHidden();
  await expect(refused).toContainText('Blocked');
  await refused.getByTestId('denial-keep').click();
  await expect(refused).toContainText('Kept blocked');
});

test('what Berth itself was refused is told, with nothing to decide', async () => {
  await audit.denyTo('multipass.dnsmasq', { path: '/etc/dnsmasq.d/extra.conf' });
  const { page } = await openSecurity();
  const row = page.getByTestId('own-denials');
  await expect(row).toHaveText('1 access was blocked');
  await row.click();
  const refused = page.locator('[data-testid^="denial-"]').filter({ hasText: '/etc/dnsmasq.d/extra.conf' });
  await expect(refused).toContainText('The address server (dnsmasq) tried to read');
  await expect(refused).toContainText('/etc/apparmor.d/multipass.d/multipass.dnsmasq');
  await expect(refused.getByRole('button')).toHaveCount(0);
  await refused.scrollIntoViewIfNeeded();
  await screenshot(page, 'security-own');
  await expectAccessible(page, 'security, Berth itself');
});

test('what is newly refused is announced on any page, and leads to the Security page', async () => {
  berth = await openBerth({ runDirectory: helper.runDirectory });
  const { page } = berth;
  await expect(new MainWindow(page).row(name)).toBeVisible();
  await audit.deny(name, { path: '/srv/other.iso' });
  await page.getByTestId('notice-security').click();
  await expect(page.getByTestId('security-page')).toContainText('/srv/other.iso');
  await expect(page.getByTestId('notice-security')).toBeHidden();
});

test('Settings tell what this computer has and lacks, looked at anew on demand', async () => {
  berth = await openBerth({ runDirectory: helper.runDirectory });
  const { page } = berth;
  await new MainWindow(page).go('settings');
  await expect(page.getByTestId('check-mounts')).toHaveAttribute('data-state', /good|limited/);
  await expect(page.getByTestId('check-storage')).toContainText('free for images and disks');
  await page.getByTestId('doctor-again').click();
  await expect(page.getByTestId('doctor-again')).toBeEnabled();
  await screenshot(page, 'settings-checks');
  await expectAccessible(page, 'settings');
});

test('the same holds in the dark and in the smallest window', async () => {
  berth = await openBerth({ runDirectory: helper.runDirectory, theme: 'dark' });
  await (await new MainWindow(berth.page).openInstance(name)).openTab('security');
  await expect(berth.page.getByTestId('layer-uid')).toBeVisible();
  await screenshot(berth.page, 'security');
  await expectAccessible(berth.page, 'security in the dark');
  await berth.close();
  berth = await openBerth({ runDirectory: helper.runDirectory, size: { width: 820, height: 560 } });
  await (await new MainWindow(berth.page).openInstance(name)).openTab('security');
  await expect(berth.page.getByTestId('layer-uid')).toBeVisible();
  await screenshot(berth.page, 'security-small');
  expect(await berth.page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth')).toBe(
    0,
  );
});

async function openSecurity() {
  berth = await openBerth({ runDirectory: helper.runDirectory });
  const questions = await answerQuestions(berth, 'agree');
  const instance = await new MainWindow(berth.page).openInstance(name);
  await instance.openTab('security');
  return { page: berth.page, instance, questions };
}

async function hasAppArmor(): Promise<boolean> {
  return await readFile('/sys/module/apparmor/parameters/enabled', 'utf8').then(
    (text) => text.startsWith('Y'),
    () => false,
  );
}
