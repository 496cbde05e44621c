// SPDX-License-Identifier: MIT
import type { HelperError } from '../../core/errors.ts';
import type { OperationJob } from '../../operations/operation.ts';
import type { SuspendedRecord } from '../../store/suspended-record.ts';
import type { Boot } from '../boot/boot.ts';
import { bootTimeline, ofStart } from '../boot/boot-timeline.ts';
import type { Instance } from '../instance/instance.ts';
import type { InstanceServices } from '../instance/services.ts';
import { keptLease } from '../machine/kept-lease.ts';
import { setClock } from '../machine/set-clock.ts';
import { startMachine, type SavedStart } from '../machine/start-machine.ts';
import { requireSameFiles } from '../memory/file-identities.ts';
import { processorOf } from '../memory/machine-stamp.ts';
import { requireSameMachine, requireSameQemu } from '../memory/require-same-machine.ts';
import { openMemory, removeMemory } from '../memory/saved-memory.ts';

const answerLimitMs = 10_000;

/**
 * Lets a suspended instance go on where it was. Everything is looked at before QEMU sees the memory, and the record
 * forgets it before the guest runs: no memory goes on twice. Until then whatever fails leaves it suspended.
 *
 * @throws HelperError memory.*, as startMachine
 */
export async function goOnFromMemory(
  services: InstanceServices,
  instance: Instance,
  suspended: SuspendedRecord,
  ctx: OperationJob,
): Promise<void> {
  const { registry, files, log } = services;
  const places = files.instance(instance.name);
  ctx.report({ step: 'check memory' });
  await using handle = await openMemory(places, suspended, ctx.signal);
  let isForgotten = false;
  let unclear: HelperError | undefined;
  // the last to be undone: the machine that was to go on is gone by then, and its guest never ran
  ctx.undo.defer(async () => {
    // a write that failed may be on the disk all the same
    if (isForgotten) await registry.update(instance, () => ({ suspended }));
  });
  const saved: SavedStart = {
    record: suspended,
    requireSame: async (spec) => {
      requireSameMachine(suspended, spec, await processorOf(spec));
      await requireSameFiles(spec, suspended);
    },
    memory: {
      descriptor: handle.fd,
      requireVersion: (version) => requireSameQemu(instance.name, suspended, version),
      goesOn: async () => {
        ctx.pointOfNoReturn();
        isForgotten = true;
        await registry.update(instance, () => ({ suspended: undefined }));
      },
      wentOn: (failure) => {
        ctx.undo.move(); // nothing of that is taken back
        unclear = failure;
      },
    },
  };
  const known = instance.record.boots.find(({ number }) => number === suspended.boot)?.phases;
  const timeline = bootTimeline(services, instance, suspended.boot, { ...ofStart, known });
  const boot = await startMachine(services, instance, { timeline, saved }, ctx);
  await removeMemory(places, log);
  boot.lease ??= keptLease(services, boot);
  registry.touch(instance);
  if (unclear) await requireRunning(boot, unclear);
  ctx.report({ step: 'clock' });
  await setClock(services, instance, boot, ctx.signal);
}

/** It is asked once more. One that still does not answer stays as it is, and its owner sees why. */
async function requireRunning({ machine }: Boot, unclear: HelperError): Promise<void> {
  const status = await machine.status(AbortSignal.timeout(answerLimitMs)).catch(() => undefined);
  if (status !== 'running') throw unclear;
}
