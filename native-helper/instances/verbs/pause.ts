// SPDX-License-Identifier: MIT
import type { OperationAccepted } from '#contract/instances.ts';
import type { NameParams } from '#contract/verb-params.ts';
import type { Actor } from '../../core/seams/operation.ts';
import type { Instance } from '../instance/instance.ts';
import type { InstanceServices } from '../instance/services.ts';
import { hold } from '../machine/hold.ts';
import { noteInterruption } from '../reconcile/note-interruption.ts';
import { operateOnBoot } from './operate-on-boot.ts';

/** Holds an instance where it is. It stays in memory, and nothing but a word lets it go on. */
export async function pause(
  services: InstanceServices,
  actor: Actor,
  { name }: NameParams,
): Promise<OperationAccepted> {
  return await operateOnBoot(services, 'pause', { name, actor }, async (instance, boot, ctx) => {
    await hold(services, instance, boot, ctx);
  });
}

/** It stands as was asked, or goes on. */
export async function settlePause(services: InstanceServices, instance: Instance): Promise<void> {
  if (!instance.boot?.machine.pause) await noteInterruption(services, instance);
}
