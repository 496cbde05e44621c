// SPDX-License-Identifier: MIT
import type { OperationAccepted } from '#contract/instances.ts';
import type { InstanceName } from '#contract/names.ts';
import type { NameParams } from '#contract/verb-params.ts';
import { verbs } from '#contract/verbs.ts';
import { HelperError } from '../../core/errors.ts';
import type { Actor } from '../../core/seams/operation.ts';
import type { InstanceServices } from '../instance/services.ts';
import { requireStillUnprotected, requireUnprotected } from '../settings/protection.ts';
import { requireLegal } from '../instance/state.ts';
import { shutDown } from './stop.ts';

/** What a guest gets to shut down in before it is switched off: it is on its way to the bin. */
const graceSeconds = 20;

/** Moves an instance to the bin, stopping it first. Nothing is lost: recover brings it back. */
export async function remove(
  services: InstanceServices,
  actor: Actor,
  { name }: NameParams,
): Promise<OperationAccepted> {
  if (isBeingMade(services, actor, name))
    return await services.operations.start(
      { kind: 'delete', target: name, actor, supersede: ['launch'] },
      async () => {},
    );
  const instance = services.registry.require(name, actor, 'delete');
  requireLegal('delete', name, instance.state(services.operations.current(name)));
  requireUnprotected('delete', instance);
  return await services.operations.start(
    { kind: 'delete', target: name, actor, supersede: verbs.delete.supersedes },
    async (ctx) => {
      // A launch that was superseded has taken its instance with it.
      if (services.registry.find(name) !== instance) return;
      await requireStillUnprotected(services, 'delete', instance);
      try {
        await shutDown(services, instance, { force: false, timeoutSeconds: graceSeconds }, ctx);
      } catch (error) {
        // a guest that does not, or a QEMU that does not take the word
        if (!(error instanceof HelperError && /^(?:guest\.stop-timeout|hypervisor\..*)$/.test(error.code))) throw error;
        await shutDown(services, instance, { force: true }, ctx);
      }
      await services.registry.update(instance, () => ({ deletedAt: new Date().toISOString(), desired: 'stopped' }));
    },
  );
}

/** A launch that has not come to a record yet, because its image is fetched: broken off, it leaves nothing. */
function isBeingMade({ registry, operations }: InstanceServices, actor: Actor, name: InstanceName): boolean {
  const current = operations.current(name);
  return !registry.isTaken(name) && current?.kind === 'launch' && (actor.uid === 0 || actor.uid === current.ownerUid);
}
