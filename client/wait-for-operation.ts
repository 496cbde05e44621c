// SPDX-License-Identifier: MIT
import type { OperationAccepted } from '#contract/instances.ts';
import type { OperationSummary } from '#contract/operations.ts';
import type { HelperConnection, RequestOptions } from './helper-connection.ts';

interface WaitOptions extends RequestOptions {
  /** Called with each change of the operation from its beginning on; subscribes the connection to events for it. */
  readonly onProgress?: (operation: OperationSummary) => void;
}

/** The last summary of an operation, once it has ended, however it ended. Withdrawing the wait does not cancel it. */
export async function waitForOperation(connection: HelperConnection, accepted: OperationAccepted, options: WaitOptions = {}): Promise<OperationSummary> {
  const { onProgress } = options;
  const stop = onProgress && connection.onEvent(({ body }) => {
    if (body.topic === 'operation.changed' && body.operation.id === accepted.operationId) onProgress(body.operation);
  });
  try {
    if (onProgress) await connection.request('events.subscribe', { since: { bootId: connection.bootId, sequence: accepted.sequence } }, options);
    return await connection.request('operations.wait', { id: accepted.operationId }, options);
  } finally {
    stop?.();
  }
}
