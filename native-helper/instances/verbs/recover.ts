// SPDX-License-Identifier: MIT
import type { OperationAccepted } from '#contract/instances.ts';
import type { NameParams } from '#contract/verb-params.ts';
import type { Actor } from '../../core/seams/operation.ts';
import type { InstanceServices } from '../instance/services.ts';
import { requireLegal } from '../instance/state.ts';

/** Takes an instance out of the bin; it is stopped then. */
export async function recover(
  services: InstanceServices,
  actor: Actor,
  { name }: NameParams,
): Promise<OperationAccepted> {
  const instance = services.registry.require(name, actor, 'recover');
  if (!services.operations.current(name)) requireLegal('recover', name, instance.state(undefined));
  return await services.operations.start({ kind: 'recover', target: name, actor }, async () => {
    await services.registry.update(instance, () => ({ deletedAt: undefined }));
  });
}
