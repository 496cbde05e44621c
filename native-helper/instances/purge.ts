// SPDX-License-Identifier: MIT
import type { OperationAccepted } from '#contract/instances.ts';
import type { InstanceName } from '#contract/names.ts';
import type { Actor } from '../core/seams/operation.ts';
import { removeInstance } from './remove-instance.ts';
import type { InstanceServices } from './services.ts';
import { requireLegal } from './state.ts';

/** Removes a deleted instance for good, with its disk and its consoles. */
export async function purge(services: InstanceServices, actor: Actor, name: InstanceName): Promise<OperationAccepted> {
  const instance = services.registry.require(name, actor, 'purge');
  if (!services.operations.current(name)) requireLegal('purge', name, instance.state(undefined));
  return await services.operations.start({ kind: 'purge', target: name, actor }, async (ctx) => {
    ctx.pointOfNoReturn();
    await removeInstance(services, instance);
    await services.network.forget(instance.record.mac);
  });
}
