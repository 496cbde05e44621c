// SPDX-License-Identifier: MIT
import type { ElectronApplication } from '@playwright/test';
import { startVirtualDisplay } from '../scripts/lib/virtual-display.ts';
import { BenchHelper } from './lib/bench-helper.ts';
import { figure, type Benchmark } from './lib/result.ts';
import { startWindow } from './lib/start-window.ts';
import { storeConsole } from './console.ts';

const recordMiB = 8;

/** The built app under Xvfb: process start to first contentful paint, and a console record to the screen. */
export const window: Benchmark = {
  name: 'window',
  run: async (signal) => {
    await using helper = await BenchHelper.start(async (state) => {
      await storeConsole(state, recordMiB);
    });
    const display = await startVirtualDisplay();
    const paints: number[] = [];
    const rates: number[] = [];
    try {
      for (let round = 0; round < 5; round += 1) {
        signal.throwIfAborted();
        const startedAtMs = Date.now();
        const app = await startWindow(helper.runDirectory, display.name);
        try {
          paints.push((await firstPaintAt(app)) - startedAtMs);
          if (round < 3) rates.push(await consoleRate(app));
        } finally {
          await app.close();
        }
      }
    } finally {
      await display.stop();
    }
    return [
      figure('window, process start to first contentful paint', 'ms', paints),
      figure(`console record of ${recordMiB} MiB, helper to screen`, 'MB/s', rates, { note: 'software rendering' }),
    ];
  },
};

/** Wall-clock time of the first contentful paint (Paint Timing). */
async function firstPaintAt(app: ElectronApplication): Promise<number> {
  const page = await app.firstWindow();
  await page.waitForFunction(() => performance.getEntriesByName('first-contentful-paint').length > 0);
  return page.evaluate(
    () => performance.timeOrigin + (performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? NaN),
  );
}

/** Opens the console's screen and waits for the record's last line in it. */
async function consoleRate(app: ElectronApplication): Promise<number> {
  const page = await app.firstWindow();
  await page.getByText('stored-1').first().waitFor();
  const beganMs = performance.now();
  await page.evaluate(() => {
    location.hash = '#/instances/stored-1/console';
  });
  await page.locator('.xterm-rows', { hasText: 'end-of-record' }).waitFor({ timeout: 60_000 });
  return (recordMiB * 1024 ** 2) / 1e6 / ((performance.now() - beganMs) / 1000);
}
