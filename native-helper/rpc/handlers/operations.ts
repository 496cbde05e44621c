// SPDX-License-Identifier: MIT
import type { OperationManager } from '../../operations/manager.ts';
import type { Handlers } from '../handlers.ts';

type OperationMethods = Extract<keyof Handlers, `operations.${string}`>;

export function operationHandlers(operations: OperationManager): Pick<Handlers, OperationMethods> {
  return {
    'operations.list': async (_, { actor }) => [...operations.list(actor)],
    'operations.wait': async ({ id }, { actor, signal }) => await operations.wait(id, actor, signal),
    'operations.cancel': async ({ id }, { actor }) => {
      operations.cancel(id, actor);
      return {};
    },
  };
}
