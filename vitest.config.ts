// SPDX-License-Identifier: MIT
import { defineConfig } from 'vitest/config';

const systemTests = {
  globalSetup: 'scripts/require-private-network.ts',
  testTimeout: 120_000,
  hookTimeout: 120_000,
  pool: 'forks' as const,
};

export default defineConfig({
  test: {
    projects: [
      { test: { name: 'unit', include: ['test/unit/**/*.test.ts', 'test/contract/**/*.test.ts'], testTimeout: 120_000 } },
      { test: { name: 'integration', include: ['test/integration/**/*.test.ts'], ...systemTests } },
      { test: { name: 'confinement', include: ['test/lab/**/*.test.ts'], ...systemTests } },
      { test: { name: 'shares', include: ['test/shares/**/*.test.ts'], ...systemTests } },
      { test: { name: 'cli', include: ['test/cli/**/*.test.ts'], ...systemTests } },
    ],
  },
});
