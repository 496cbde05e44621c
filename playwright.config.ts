// SPDX-License-Identifier: MIT
import { defineConfig } from '@playwright/test';

export default defineConfig({
  testDir: 'test/electron',
  // npm run test:debian
  ...(process.env['BERTH_PUBLISHED_DISK'] === undefined ? {} : { testMatch: 'remote-images.spec.ts' }),
  workers: 1,
  timeout: 180_000,
  expect: { timeout: 15_000 },
  forbidOnly: true,
  retries: 0,
  reporter: [['list'], ['json', { outputFile: 'test-results/electron.json' }]],
  outputDir: 'test-results/electron',
});
