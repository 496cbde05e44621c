// SPDX-License-Identifier: MIT
// What the window says of a machine that runs and is not well.
import { execFile } from 'node:child_process';
import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from '@playwright/test';
import { macAddress } from '#contract/names.ts';
import { networkFaultWords } from '#contract/network-faults.ts';
import { expectAccessible } from '../support/accessibility.ts';
import { openBerth, screenshot, type BerthApp } from '../support/electron-app.ts';
import { expectSuccess } from '../support/expect-success.ts';
import { startHelper, type HelperProcess } from '../support/helper-process.ts';
import { InstanceClient } from '../support/instance-client.ts';
import { MainWindow } from '../support/pages/main-window.ts';

const run = promisify(execFile);
let helper: HelperProcess;
let client: InstanceClient;
let berth: BerthApp | undefined;

/** The state on a disk of its own, which can be filled. */
test.beforeAll(async () => {
  helper = await startHelper({
    prepare: async (state) => {
      await mkdir(state);
      await run('mount', ['-t', 'tmpfs', '-o', 'size=600m,mode=0711', 'tmpfs', state]);
      return async () => await run('umount', ['--lazy', state]);
    },
  });
  client = new InstanceClient(await helper.connect());
  expectSuccess(await client.launch('ill'));
});

test.afterEach(async () => {
  await berth?.close();
  berth = undefined;
});

test.afterAll(async () => {
  await makeRoom();
  await helper?.stop();
});

const filling = (): string => path.join(helper.stateDirectory, 'filling');
const makeRoom = async (): Promise<void> => await rm(filling(), { force: true });

test('what keeps an instance from its network stands beside its address, in the words of the command line', async () => {
  const { macAddress: mac } = await client.connection.request('instances.info', { name: 'ill' as never });
  await run('nft', ['add', 'table', 'bridge', 'other']);
  await run('nft', ['add', 'chain', 'bridge', 'other', 'at', '{ type filter hook prerouting priority 0 ; }']);
  await run('nft', ['add', 'rule', 'bridge', 'other', 'at', 'ether', 'saddr', macAddress.parse(mac), 'drop']);
  try {
    berth = await openBerth({ runDirectory: helper.runDirectory });
    await new MainWindow(berth.page).openInstance('ill');
    const faults = berth.page.getByTestId('network-faults');
    await expect(faults).toContainText(networkFaultWords('packets-dropped'));
    await expect(faults).toContainText('berth doctor');
    await expectAccessible(berth.page, 'an instance that is cut off');
  } finally {
    await run('nft', ['delete', 'table', 'bridge', 'other']);
  }
});

test('a paused machine says why, and a press on Resume lets it go on when there is room', async () => {
  const fill = 'dd if=/dev/zero bs=64k >> "$1" 2>/dev/null; dd if=/dev/zero bs=1 count=8192 >> "$1" 2>/dev/null; true';
  const write = '(dd if=/dev/urandom of=a bs=1M count=24; sync; touch written; sync) > /dev/null 2>&1 < /dev/null &';
  await run('sh', ['-c', fill, 'sh', filling()]);
  expect(await client.exec('ill', 'sh', '-c', write)).toMatchObject({ exitCode: 0 });
  berth = await openBerth({ runDirectory: helper.runDirectory });
  const instance = await new MainWindow(berth.page).openInstance('ill');
  await instance.waitForState('Paused');
  await expect(berth.page.getByTestId('paused')).toContainText(/Paused: no space/);
  await expect(berth.page.getByTestId('paused')).toContainText(/then continues within half a minute/);
  await expect(instance.action('stop')).toBeVisible();
  await expect(instance.action('resume')).toBeVisible();
  await screenshot(berth.page, 'paused');
  await expectAccessible(berth.page, 'a paused instance');
  await makeRoom();
  // it may go on by itself in the same moment: then there is nothing left to press
  await instance
    .action('resume')
    .click({ timeout: 5000 })
    .catch(() => undefined);
  await instance.waitForState('Running');
  await expect(berth.page.getByTestId('paused')).toBeHidden();
  await expect
    .poll(async () => (await client.exec('ill', 'test', '-e', 'written')).exitCode, { timeout: 90_000 })
    .toBe(0);
});
