// SPDX-License-Identifier: MIT
import type { Page } from '@playwright/test';
import { startVirtualDisplay } from '../scripts/lib/virtual-display.ts';
import { BenchHelper } from './lib/bench-helper.ts';
import { figure, type Benchmark } from './lib/result.ts';
import { startWindow } from './lib/start-window.ts';
import { storeInstances } from './lib/stored-instances.ts';

const count = 500;
const frames = 180;

/**
 * The list with 500 instances: frames while it scrolls, and how long a key in the search box takes to the next frame.
 */
export const table: Benchmark = {
  name: 'table',
  run: async (signal) => {
    await using helper = await BenchHelper.start(async (state) => {
      await storeInstances(state, count);
    });
    const display = await startVirtualDisplay();
    const app = await startWindow(helper.runDirectory, display.name);
    try {
      signal.throwIfAborted();
      const page = await app.firstWindow();
      await page.getByText('stored-1', { exact: true }).waitFor();
      const scrolled = await scrollFrames(page);
      const rows = await page.locator('[role=row]').count();
      const typed = await searchTimes(page);
      return [
        figure(`${count} instances, frame while scrolling`, 'ms', scrolled, {
          note: `software rendering; ${rows} rows in the document`,
        }),
        figure(`${count} instances, key in the search box to the next frame`, 'ms', typed),
      ];
    } finally {
      await app.close();
      await display.stop();
    }
  },
};

/** Time from frame to frame while the list moves by more than a row each. */
async function scrollFrames(page: Page): Promise<number[]> {
  return await page.evaluate(async (wanted) => {
    const scroller = document.querySelector('[role=grid]');
    if (scroller === null) throw new Error('there is no table');
    const times: number[] = [];
    let last = performance.now();
    for (let frame = 0; frame < wanted; frame += 1) {
      scroller.scrollTop += 61;
      await new Promise(requestAnimationFrame);
      times.push(performance.now() - last);
      last = performance.now();
    }
    return times;
  }, frames);
}

async function searchTimes(page: Page): Promise<number[]> {
  const times: number[] = [];
  const box = page.getByRole('searchbox');
  for (const key of ['4', '2', 'Backspace', '7', 'Backspace', 'Backspace']) {
    await box.focus();
    await page.evaluate(() => {
      document.addEventListener(
        'keydown',
        () => {
          const began = performance.now();
          requestAnimationFrame(() =>
            setTimeout(() => {
              document.documentElement.dataset['keyMs'] = String(performance.now() - began);
            }),
          );
        },
        { once: true, capture: true },
      );
    });
    await page.keyboard.press(key);
    await page.waitForFunction(() => document.documentElement.dataset['keyMs'] !== undefined);
    times.push(
      await page.evaluate(() => {
        const ms = Number(document.documentElement.dataset['keyMs']);
        delete document.documentElement.dataset['keyMs'];
        return ms;
      }),
    );
  }
  return times;
}
