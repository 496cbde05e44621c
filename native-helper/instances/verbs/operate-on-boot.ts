// SPDX-License-Identifier: MIT
import type { OperationAccepted } from '#contract/instances.ts';
import type { InstanceName } from '#contract/names.ts';
import type { Actor } from '../../core/seams/operation.ts';
import type { OperationJob } from '../../operations/operation.ts';
import type { Boot } from '../boot/boot.ts';
import type { Instance } from '../instance/instance.ts';
import type { InstanceServices } from '../instance/services.ts';
import { requireLegal } from '../instance/state.ts';

/**
 * A verb that does something to a machine that is there. Whether it may is asked when it comes, and once more when its
 * turn has come: what was under way then has changed the state.
 *
 * @throws HelperError instance.not-found, instance.wrong-state, operation.conflict
 */
export async function operateOnBoot(
  services: InstanceServices,
  verb: 'pause' | 'resume' | 'suspend',
  { name, actor }: { readonly name: InstanceName; readonly actor: Actor },
  work: (instance: Instance, boot: Boot, ctx: OperationJob) => Promise<void>,
): Promise<OperationAccepted> {
  const { registry, operations } = services;
  const instance = registry.require(name, actor, verb);
  if (!operations.current(name)) requireLegal(verb, name, instance.state(undefined));
  return await operations.start({ kind: verb, target: name, actor }, async (ctx) => {
    const { boot } = instance;
    requireLegal(verb, name, instance.state(undefined));
    if (boot) await work(instance, boot, ctx);
  });
}
