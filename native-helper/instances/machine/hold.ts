// SPDX-License-Identifier: MIT
import { messageOf } from '../../core/errors.ts';
import type { OperationContext } from '../../core/seams/operation.ts';
import type { Boot } from '../boot/boot.ts';
import type { Instance } from '../instance/instance.ts';
import type { InstanceServices } from '../instance/services.ts';

type Services = Pick<InstanceServices, 'registry' | 'log'>;

/**
 * Holds a machine until somebody lets it go on, with whichever helper. It is noted before it is done: a machine that
 * stands without a note would be taken for one that QEMU stopped.
 *
 * @throws HelperError hypervisor.control-failed, hypervisor.control-timeout
 */
export async function hold(
  services: Services,
  instance: Instance,
  boot: Boot,
  ctx: Pick<OperationContext, 'signal' | 'undo'>,
): Promise<void> {
  const since = new Date();
  ctx.undo.defer(() => forgetHold(services, instance, boot));
  await note(services, instance, since);
  boot.heldSince = since;
  await boot.machine.hold(ctx.signal);
  services.registry.touch(instance);
}

/** It goes on, or was never held: from here on it may stand for QEMU's own reasons. */
export async function forgetHold(services: Services, instance: Instance, boot: Boot): Promise<void> {
  if (boot.heldSince === undefined && instance.record.machine?.pausedAt === undefined) return;
  boot.heldSince = undefined;
  await note(services, instance, undefined).catch((error: unknown) =>
    // a helper that finds it running forgets it as well
    services.log.warn({ instance: instance.name, reason: messageOf(error) }, 'the end of a pause was not noted'),
  );
}

async function note({ registry }: Services, instance: Instance, since: Date | undefined): Promise<void> {
  await registry.update(instance, ({ machine }) => ({
    machine: machine && { ...machine, pausedAt: since?.toISOString() },
  }));
}
