// SPDX-License-Identifier: MIT
import type { OperationAccepted } from '#contract/instances.ts';
import type { NameParams } from '#contract/verb-params.ts';
import type { Actor, OperationContext } from '../../core/seams/operation.ts';
import type { Boot } from '../boot/boot.ts';
import type { Instance } from '../instance/instance.ts';
import type { InstanceServices } from '../instance/services.ts';
import { goOn } from '../machine/go-on.ts';
import { forgetHold } from '../machine/hold.ts';
import { setClock } from '../machine/set-clock.ts';
import { noteInterruption } from '../reconcile/note-interruption.ts';
import { operateOnBoot } from './operate-on-boot.ts';

/** Lets a paused instance go on, whatever it was paused for. */
export async function resume(
  services: InstanceServices,
  actor: Actor,
  { name }: NameParams,
): Promise<OperationAccepted> {
  return await operateOnBoot(services, 'resume', { name, actor }, async (instance, boot, ctx) => {
    await letGoOn(services, instance, boot, ctx);
  });
}

/** @throws HelperError as {@link goOn} */
export async function letGoOn(
  services: InstanceServices,
  instance: Instance,
  boot: Boot,
  ctx: Pick<OperationContext, 'signal' | 'report'>,
): Promise<void> {
  await goOn(boot, ctx.signal);
  await forgetHold(services, instance, boot);
  ctx.report({ step: 'clock' });
  await setClock(services, instance, boot, ctx.signal);
}

/** It goes on as was asked, or stands. */
export async function settleResume(services: InstanceServices, instance: Instance): Promise<void> {
  if (!instance.boot || instance.boot.machine.pause) await noteInterruption(services, instance);
}
