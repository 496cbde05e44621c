// SPDX-License-Identifier: MIT
import { defineConfig } from 'vitest/config';

/** So many files of the system tests run at once: they wait for guests and programs a third of the time. */
const lanes = 3;

/**
 * The waits inside a test end first, and say what did not come. This one is for what hangs, on a computer that is slow
 * as well as busy.
 */
const hangMs = 400_000;

const allTexts = 'test/support/all-texts.ts';

const systemTests = {
  globalSetup: 'scripts/require-private-network.ts',
  setupFiles: ['scripts/own-network.ts', allTexts],
  testTimeout: hangMs,
  hookTimeout: hangMs,
  pool: 'forks' as const,
  maxWorkers: lanes,
};

/**
 * Some points of each; all of them, and power that goes, by npm run test:crash alone. Then one file after another: a
 * machine has the mounts of the moment it was started, and would hold the disks whose power goes.
 */
const crashTests =
  process.env.BERTH_CRASH === undefined
    ? { include: ['test/crash/{injector,odd-files,full-disk,sweep,live,suspended}.test.ts'] }
    : { include: ['test/crash/**/*.test.ts'], maxWorkers: 1 };

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/unit/**/*.test.ts', 'test/contract/**/*.test.ts'],
          setupFiles: allTexts,
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      { test: { name: 'integration', include: ['test/integration/**/*.test.ts'], ...systemTests } },
      { test: { name: 'attacks', include: ['test/attacks/**/*.test.ts'], ...systemTests } },
      { test: { name: 'crash', ...systemTests, ...crashTests } },
      { test: { name: 'confinement', include: ['test/lab/**/*.test.ts'], ...systemTests } },
      { test: { name: 'shares', include: ['test/shares/**/*.test.ts'], ...systemTests } },
      // whole boots of Debian: by npm run test:debian alone
      { test: { name: 'debian', include: ['test/debian/**/*.test.ts'], ...systemTests } },
      { test: { name: 'cli', include: ['test/cli/**/*.test.ts'], ...systemTests } },
    ],
  },
});
