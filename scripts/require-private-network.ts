// SPDX-License-Identifier: MIT
import { isNetworkPrivate } from './lib/private-network.ts';

/**
 * Vitest's global setup of the system tests: they create bridges and address servers, so never on the machine's own
 * network.
 */
export function setup(): void {
  if (isNetworkPrivate()) return;
  throw new Error(
    'System tests run in a private network namespace: use npm run test:integration, test:cli or test:electron.',
  );
}
