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
  retries: 0, // a file that fails is run again as a whole: scripts/lib/second-look.ts
  reporter: [
    ['list'],
    ['json', { outputFile: process.env['PLAYWRIGHT_JSON_OUTPUT_NAME'] ?? 'test-results/electron.json' }],
  ],
  outputDir: 'test-results/electron',
});
