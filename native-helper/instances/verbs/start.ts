// SPDX-License-Identifier: MIT
import type { Accelerator, OperationAccepted } from '#contract/instances.ts';
import { rowOf, type LaterValue } from '#contract/open-enum.ts';
import type { StartParams } from '#contract/verb-params.ts';
import { toErrorData, toHelperError } from '../../core/errors.ts';
import type { Actor, OperationContext } from '../../core/seams/operation.ts';
import { awaitFirstBoot, awaitGuest, waitOf } from '../boot/await-guest.ts';
import { bootTimeline, ofStart } from '../boot/boot-timeline.ts';
import type { Instance } from '../instance/instance.ts';
import { noteInterruption } from '../reconcile/note-interruption.ts';
import { requireDecidedByRoot } from '../security/loosening.ts';
import type { InstanceServices } from '../instance/services.ts';
import { discardMemory } from '../memory/discard-memory.ts';
import type { OperationJob } from '../../operations/operation.ts';
import { goOnFromMemory } from './go-on-from-memory.ts';
import { requireConsent } from '../security/require-consent.ts';
import { setSecurity } from '../security/set-security.ts';
import { nextBoot, startMachine } from '../machine/start-machine.ts';
import { requireLegal } from '../instance/state.ts';
import { letGoOn } from './resume.ts';

/** How long a guest may be silent while it boots. Emulated processors are about ten times slower. */
const quietSeconds: Readonly<Record<Accelerator, number>> = { kvm: 90, tcg: 300 };

const goOnLimitMs = 10_000;

export function quietSecondsFor(accelerator: Accelerator | LaterValue, asked?: number): number {
  return asked ?? rowOf(quietSeconds, accelerator, quietSeconds.tcg);
}

/** Starts a stopped instance, goes on with a suspended one, or lets a paused one go on. */
export async function start(
  services: InstanceServices,
  actor: Actor,
  { name, isAllowedWithoutAppArmor, isCold = false }: StartParams,
): Promise<OperationAccepted> {
  const instance = services.registry.require(name, actor, 'start');
  const running = services.operations.current(name);
  if (!running) requireLegal('start', name, instance.state(undefined));
  await requireConsent(services, name, isAllowedWithoutAppArmor ?? instance.security.isAllowedWithoutAppArmor);
  await requireDecidedByRoot(services, instance);
  if (isAllowedWithoutAppArmor !== undefined) await setSecurity(services, actor, { name, isAllowedWithoutAppArmor });
  return await services.operations.start({ kind: 'start', target: name, actor }, async (ctx) => {
    if (instance.boot?.machine.pause) return await letGoOn(services, instance, instance.boot, ctx);
    requireLegal('start', name, instance.boot ? 'running' : instance.record.deletedAt ? 'deleted' : 'stopped');
    if (isCold) await discardMemory(services, instance);
    await comeUp(services, instance, ctx);
  });
}

/** Goes on with a suspended instance, or boots one. */
export async function comeUp(services: InstanceServices, instance: Instance, ctx: OperationJob): Promise<void> {
  const { suspended } = instance.record;
  if (!suspended) return await bootUp(services, instance, ctx);
  try {
    await goOnFromMemory(services, instance, suspended, ctx);
  } catch (error) {
    if (ctx.signal.aborted) throw error;
    const failure = toHelperError(error);
    await services.registry.update(instance, () => ({ lastError: toErrorData(failure) }));
    throw failure;
  }
}

/**
 * Boots the instance and waits for the guest. A start that fails because the guest does not come up
 * leaves the machine running, so that its console can be looked at; a cancelled one does not.
 */
export async function bootUp(services: InstanceServices, instance: Instance, ctx: OperationContext): Promise<void> {
  const timeline = bootTimeline(services, instance, nextBoot(instance.record), ofStart);
  const boot = await startMachine(services, instance, { timeline }, ctx);
  try {
    await awaitGuest(services, instance, boot, {
      ...waitOf(ctx),
      quietSeconds: quietSecondsFor(boot.spec.accelerator),
    });
    await awaitFirstBoot(services, instance, boot, waitOf(ctx));
  } catch (error) {
    if (ctx.signal.aborted) throw error;
    const failure = toHelperError(error);
    await services.registry.update(instance, () => ({ lastError: toErrorData(failure) }));
    if (instance.boot === boot) ctx.undo.move(); // the machine stays: its console tells why
    throw failure;
  }
}

/**
 * A guest whose memory was loaded and taken out of the record goes on, as the helper that died was about to let it; it
 * would be lost else. All others are as they are found.
 */
export async function settleStart(services: InstanceServices, instance: Instance): Promise<void> {
  const { boot } = instance;
  const isLoaded = boot?.spec.memory?.loadPath !== undefined && boot.heldSince === undefined;
  if (isLoaded && boot.machine.pause?.reason === 'other') await boot.machine.resume(AbortSignal.timeout(goOnLimitMs));
  await noteInterruption(services, instance);
}
