// SPDX-License-Identifier: MIT
import type { OperationAccepted } from '#contract/instances.ts';
import type { Actor } from '../../core/seams/operation.ts';
import { requireDecidedByRoot } from '../security/loosening.ts';
import { requireConsent } from '../security/require-consent.ts';
import type { InstanceServices } from '../instance/services.ts';
import { comeUp } from './start.ts';
import { requireLegal } from '../instance/state.ts';
import { endedBy, shutDown, type StopRequest } from './stop.ts';

/** Stops the instance and starts it again: a new machine and a new boot, not a reset of the old one. */
export async function restart(
  services: InstanceServices,
  actor: Actor,
  request: StopRequest,
): Promise<OperationAccepted> {
  const instance = services.registry.require(request.name, actor, 'restart');
  requireLegal('restart', request.name, instance.state(services.operations.current(request.name)));
  // before the stop: it would not come up again
  await requireConsent(services, request.name, instance.security.isAllowedWithoutAppArmor);
  await requireDecidedByRoot(services, instance);
  return await services.operations.start(
    { kind: 'restart', target: request.name, actor, supersede: endedBy('restart', instance) },
    async (ctx) => {
      await shutDown(services, instance, request, ctx);
      await comeUp(services, instance, ctx);
    },
  );
}
