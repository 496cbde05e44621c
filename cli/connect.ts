// SPDX-License-Identifier: MIT
import { connectHelper } from '../client/connect-helper.ts';
import type { HelperConnection } from '../client/helper-connection.ts';
import { clientVersion } from './version.ts';

export type { HelperConnection };

/** Connects to the helper that serves `runDirectory`. Throws HelperCallError with a `helper.*` code. */
export async function connect(runDirectory: string): Promise<HelperConnection> {
  return connectHelper({ runDirectory, clientName: `berth-cli ${clientVersion}` });
}
