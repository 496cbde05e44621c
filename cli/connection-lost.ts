// SPDX-License-Identifier: MIT
import type { HelperConnection } from './connect.ts';

/** Rejects with `helper.unreachable` when the helper goes away. */
export async function connectionLost(connection: HelperConnection): Promise<never> {
  const { promise, reject } = Promise.withResolvers<never>();
  connection.onClose(reject);
  return promise;
}
