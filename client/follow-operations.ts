// SPDX-License-Identifier: MIT
import type { OperationAccepted } from '#contract/instances.ts';
import type { OperationSummary, PhaseRecord } from '#contract/operations.ts';
import type { HelperConnection, RequestOptions } from './helper-connection.ts';
import { subscribe } from './subscribe.ts';

export interface FollowOptions extends RequestOptions {
  /** Called with each change of one of the operations, from its beginning on. */
  readonly onOperation?: (operation: OperationSummary) => void;
  /** Called with the phases of a boot that one of the operations' targets is in; `at` is when they came to be so. */
  readonly onPhases?: (target: string, phases: readonly PhaseRecord[], at: string) => void;
}

/** Disposing it ends the telling, not the operations. */
export interface FollowedOperations extends Disposable {
  /** The last summary of each, in the order asked for, once it has ended, however it ended. */
  readonly ended: readonly Promise<OperationSummary>[];
}

/**
 * Follows operations to their ends. Subscribes the connection to events from where the first of them
 * began, so that nothing is missed. Withdrawing it by the signal does not cancel them.
 */
export async function followOperations(
  connection: HelperConnection,
  accepted: readonly OperationAccepted[],
  options: FollowOptions = {},
): Promise<FollowedOperations> {
  const ids = new Set<string>(accepted.map(({ operationId }) => operationId));
  const targets = new Set(accepted.map(({ target }) => target));
  const take = (operation: OperationSummary): void => {
    if (ids.has(operation.id)) options.onOperation?.(operation);
  };
  const stop = connection.onEvent(({ at, body }) => {
    if (body.topic === 'operation.changed') take(body.operation);
    if (body.topic === 'instance.phases' && targets.has(body.name)) options.onPhases?.(body.name, body.phases, at);
  });
  try {
    const sequence = Math.min(...accepted.map((each) => each.sequence));
    const { snapshot } = await subscribe(connection, { bootId: connection.bootId, sequence }, options);
    for (const operation of snapshot?.operations ?? []) take(operation);
    return {
      ended: accepted.map(({ operationId: id }) => connection.request('operations.wait', { id }, options)),
      [Symbol.dispose]: stop,
    };
  } catch (error) {
    stop();
    throw error;
  }
}
