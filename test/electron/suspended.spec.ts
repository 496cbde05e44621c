// SPDX-License-Identifier: MIT
import { open } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from '@playwright/test';
import { expectAccessible } from '../support/accessibility.ts';
import { openBerth, screenshot, type BerthApp } from '../support/electron-app.ts';
import { startHelper, type HelperProcess } from '../support/helper-process.ts';
import { InstanceClient } from '../support/instance-client.ts';
import type { InstancePage } from '../support/pages/instance-page.ts';
import { MainWindow } from '../support/pages/main-window.ts';

let helper: HelperProcess;
let client: InstanceClient;
let berth: BerthApp;
let instance: InstancePage;

test.beforeAll(async () => {
  helper = await startHelper();
  client = new InstanceClient(await helper.connect());
  expect(await client.launch('web')).toMatchObject({ state: 'succeeded' });
  // in memory alone: whoever starts anew has it no more
  expect(await client.exec('web', 'sh', '-c', 'echo kept > /dev/shm/word')).toMatchObject({ exitCode: 0 });
  berth = await openBerth({ runDirectory: helper.runDirectory });
  instance = await new MainWindow(berth.page).openInstance('web');
});

test.afterAll(async () => {
  await berth?.close();
  client?.connection.close();
  await helper?.stop();
});

async function choose(action: 'pause' | 'suspend'): Promise<void> {
  await berth.page.getByTestId('action-more').click();
  await instance.action(action).click();
}

test('an instance is paused from its menu, says so, and is resumed', async () => {
  await instance.waitForState('Running');
  await berth.page.getByTestId('action-more').click();
  await expect(instance.action('suspend')).toBeVisible();
  await screenshot(berth.page, 'state-menu');
  await instance.action('pause').click();
  await instance.waitForState('Paused');
  await expect(berth.page.getByTestId('paused')).toBeVisible();
  await screenshot(berth.page, 'state-paused');
  await expectAccessible(berth.page, 'an instance that somebody paused');
  await instance.action('resume').click();
  await instance.waitForState('Running');
  await expect(berth.page.getByTestId('paused')).toBeHidden();
});

test('it is suspended, tells what its memory takes, and a start continues it', async () => {
  await choose('suspend');
  await instance.waitForState('Suspended');
  await expect(berth.page.getByTestId('suspended')).toContainText(/Suspended: [\d.]+ [MG]iB of memory on disk/);
  await screenshot(berth.page, 'state-suspended');
  await expectAccessible(berth.page, 'a suspended instance');
  await instance.action('start').click();
  await instance.waitForState('Running');
  expect(await client.exec('web', 'cat', '/dev/shm/word')).toMatchObject({ stdout: 'kept\n' });
});

test('a memory that was changed is refused with its way out, which starts without it', async () => {
  await choose('suspend');
  await instance.waitForState('Suspended');
  await flipByte(path.join(helper.stateDirectory, 'instances/web/memory'), 4096);
  await instance.action('start').click();
  const startCold = berth.page.getByTestId('start-cold');
  await expect(startCold).toBeVisible();
  await expect(berth.page.getByText(/was changed/).first()).toBeVisible();
  await instance.waitForState('Suspended');
  await screenshot(berth.page, 'state-memory-refused');
  await startCold.click();
  await instance.waitForState('Running');
  expect(await client.exec('web', 'test', '-e', '/dev/shm/word')).toMatchObject({ exitCode: 1 });
});

async function flipByte(file: string, at: number): Promise<void> {
  await using handle = await open(file, 'r+');
  const { buffer } = await handle.read(Buffer.alloc(1), 0, 1, at);
  await handle.write(Buffer.from([(buffer[0] ?? 0) ^ 1]), 0, 1, at);
}
