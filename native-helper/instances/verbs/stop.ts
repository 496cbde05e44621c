// SPDX-License-Identifier: MIT
import { setTimeout as sleep } from 'node:timers/promises';
import type { OperationAccepted } from '#contract/instances.ts';
import type { InstanceName } from '#contract/names.ts';
import type { OperationKind } from '#contract/operations.ts';
import { rowOf } from '#contract/open-enum.ts';
import { verbs } from '#contract/verbs.ts';
import { sentence } from '#messages/say.ts';
import { HelperError } from '../../core/errors.ts';
import type { RunningMachine } from '../../core/seams/hypervisor.ts';
import type { Actor, OperationContext } from '../../core/seams/operation.ts';
import type { Boot } from '../boot/boot.ts';
import type { Instance } from '../instance/instance.ts';
import type { InstanceServices } from '../instance/services.ts';
import { requireLegal } from '../instance/state.ts';
import { discardMemory } from '../memory/discard-memory.ts';
import { suspended } from '../memory/suspended.ts';

const defaultSeconds = { kvm: 60, tcg: 180 } as const;
/** A guest that is still booting overlooks the button; it is pressed again. */
const pressAgainMs = 10_000;

export interface StopRequest {
  readonly name: InstanceName;
  readonly force: boolean;
  readonly timeoutSeconds?: number | undefined;
}

/** Stops an instance: by its power button, or with `force` at once. Takes the place of a start under way. */
export async function stop(services: InstanceServices, actor: Actor, request: StopRequest): Promise<OperationAccepted> {
  const instance = services.registry.require(request.name, actor, 'stop');
  const state = instance.state(services.operations.current(request.name));
  requireLegal('stop', request.name, state);
  if (state === 'suspended' && !request.force) throw suspended(request.name, sentence('saved.be-stopped'));
  return await services.operations.start(
    { kind: 'stop', target: request.name, actor, supersede: endedBy('stop', instance) },
    async (ctx) => {
      if (!instance.boot && instance.record.suspended) {
        if (!request.force) throw suspended(request.name, sentence('saved.be-stopped'));
        return await discardMemory(services, instance);
      }
      await shutDown(services, instance, request, ctx);
    },
  );
}

/**
 * What a stop or a restart takes the place of: as the table of verbs says, and of a launch whose guest has answered.
 * Ending one before that would take the instance away, which is what cancel and delete are for.
 */
export function endedBy(verb: 'stop' | 'restart', instance: Instance): readonly OperationKind[] {
  const { supersedes } = verbs[verb];
  return instance.record.launchedAt === undefined ? supersedes : [...supersedes, 'launch'];
}

/**
 * Resolves when the machine is gone.
 *
 * One that is paused is let go on, because a guest that stands hears no button; where it stands again at the end of its
 * time, it is ended.
 *
 * @throws HelperError guest.stop-timeout when the guest does not shut down in time: it goes on running
 */
export async function shutDown(
  services: InstanceServices,
  instance: Instance,
  request: Omit<StopRequest, 'name'>,
  ctx: OperationContext,
): Promise<void> {
  const { boot } = instance;
  if (!boot) {
    await services.registry.update(instance, () => ({ desired: 'stopped' }));
    return;
  }
  boot.isEndExpected = true;
  ctx.report({ step: request.force ? 'power off' : 'shut down' });
  if (request.force) return await end(boot);
  const seconds = request.timeoutSeconds ?? rowOf(defaultSeconds, boot.spec.accelerator, defaultSeconds.tcg);
  const limit = AbortSignal.any([ctx.signal, AbortSignal.timeout(seconds * 1000)]);
  try {
    await pressUntilGone(boot, limit);
  } catch (error) {
    if (limit.aborted && !ctx.signal.aborted && boot.machine.pause) return await end(boot);
    boot.isEndExpected = false;
    ctx.signal.throwIfAborted();
    if (limit.aborted) throw new HelperError('guest.stop-timeout', { seconds }, { cause: error });
    throw error;
  }
}

async function pressUntilGone(boot: Boot, limit: AbortSignal): Promise<void> {
  const over = new AbortController();
  const isGone = boot.ended.then(() => over.abort());
  const pressing = AbortSignal.any([limit, over.signal]);
  try {
    while (!over.signal.aborted) {
      const [press] = await Promise.allSettled([pressButton(boot.machine, pressing)]);
      await Promise.race([isGone, sleep(pressAgainMs, undefined, { signal: pressing })]);
      // QEMU that ends by the press before closes the connection first: that is no failure
      if (press.status === 'rejected' && !over.signal.aborted) throw press.reason;
    }
  } catch (error) {
    if (!over.signal.aborted) throw error;
  }
}

/** A guest that stands hears no button. */
async function pressButton(machine: RunningMachine, signal: AbortSignal): Promise<void> {
  if (machine.pause) await machine.resume(signal);
  await machine.powerDown(signal);
}

/** Resolves when the machine is gone, without a word to its guest. */
export async function end(boot: Boot): Promise<void> {
  await boot.machine.kill();
  await boot.ended;
}
