// SPDX-License-Identifier: MIT
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { openBerth, type BerthApp } from '../support/electron-app.ts';
import { startHelper, type HelperProcess } from '../support/helper-process.ts';
import { MainWindow } from '../support/pages/main-window.ts';
import type { TerminalPane } from '../support/pages/terminal.ts';

let helper: HelperProcess;
let homeDirectory: string;
let berth: BerthApp;

test.beforeAll(async () => {
  helper = await startHelper();
  homeDirectory = mkdtempSync(join(tmpdir(), 'berth-home-'));
});

test.afterAll(async () => {
  await berth?.close();
  await helper?.stop();
  rmSync(homeDirectory, { recursive: true, force: true });
});

async function open(): Promise<MainWindow> {
  berth = await openBerth({ runDirectory: helper.runDirectory, homeDirectory });
  return new MainWindow(berth.page);
}

test('a closed window misses nothing of the console, and a flood does not freeze one', async () => {
  test.setTimeout(420_000);
  const first = await open();
  const launched = await first.launch({
    image: 'tiny',
    name: 'talker',
    userData: '#cloud-config\npassword: harbour-light\n',
  });
  await launched.waitForBoot();
  const console1 = await launched.openConsole();
  await console1.type(''); // takes the focus
  await console1.login('berth', 'harbour-light');
  await console1.run('for i in $(seq 1 30); do echo mark-$i; sleep 0.2; done', /^mark-1$/m);
  await berth.close();
  // The guest goes on printing while no window is there.
  const second = await open();
  const instance = await second.openInstance('talker');
  const console2 = await instance.openConsole();
  await console2.waitFor(/^mark-30$/m);
  const numbers = [...(await console2.text()).matchAll(/^mark-(\d+)$/gm)].map((match) => Number(match[1]));
  expect(numbers).toEqual(Array.from({ length: 30 }, (_, index) => index + 1));

  // The guest's serial port is slow, its SSH is not: 1 MB through the one, 20 MB through the other.
  const consoleMs = await flood(console2, 1_000_000);
  const shellMs = await flood(await instance.openShell(), 20_000_000);
  // Frozen is for as long as it prints, which is minutes; a busy computer takes seconds for a frame.
  expect(Math.max(consoleMs, shellMs)).toBeLessThan(10_000);
  await berth.close();
});

/**
 * Makes the guest print `bytes` and returns how long the page took to draw a frame at worst meanwhile, in milliseconds.
 */
async function flood(terminal: TerminalPane, bytes: number): Promise<number> {
  await terminal.waitFor(/\$\s*$/);
  await terminal.type(`head -c ${bytes} /dev/zero | tr "\\0" x | fold -w 200; echo; echo "all-$((2+3))-printed"`);
  await terminal.press('Enter');
  let longestMs = 0;
  const deadline = Date.now() + 180_000;
  while (!/all-5-printed/.test(await terminal.text(20)) && Date.now() < deadline) {
    const startedAt = Date.now();
    await berth.page.evaluate(() => new Promise((resolve) => requestAnimationFrame(resolve)));
    longestMs = Math.max(longestMs, Date.now() - startedAt);
  }
  expect(await terminal.text(20)).toMatch(/all-5-printed/);
  return longestMs;
}

test('the window comes back at its place and size, and in its theme', async () => {
  const window = await open();
  await berth.app.evaluate(({ BrowserWindow }) =>
    BrowserWindow.getAllWindows()[0]?.setBounds({ x: 40, y: 30, width: 1000, height: 640 }),
  );
  await window.page.evaluate(
    async () =>
      await (
        globalThis as never as { berth: { request(method: string, params: object): Promise<unknown> } }
      ).berth.request('app.set-theme', { theme: 'dark' }),
  );
  await berth.close();
  const saved = JSON.parse(readFileSync(join(homeDirectory, '.config/berth/preferences.json'), 'utf8')) as unknown;
  expect(saved).toEqual({ theme: 'dark', window: { x: 40, y: 30, width: 1000, height: 640, isMaximized: false } });
});
