// SPDX-License-Identifier: MIT
import type { OperationJob } from '../../operations/operation.ts';
import type { SuspendedRecord } from '../../store/suspended-record.ts';
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
  let hasGoneOn = false;
  // the last to be undone: the machine that was to go on is gone by then, and its guest never ran
  ctx.undo.defer(async () => {
    if (!hasGoneOn && !instance.record.suspended) await registry.update(instance, () => ({ suspended }));
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
        await registry.update(instance, () => ({ suspended: undefined }));
      },
      wentOn: () => {
        hasGoneOn = true;
      },
    },
  };
  const known = instance.record.boots.find(({ number }) => number === suspended.boot)?.phases;
  const timeline = bootTimeline(services, instance, suspended.boot, { ...ofStart, known });
  const boot = await startMachine(services, instance, { timeline, saved }, ctx);
  ctx.undo.move(); // the guest runs: nothing of that is taken back
  await removeMemory(places, log);
  boot.lease ??= keptLease(services, boot);
  registry.touch(instance);
  ctx.report({ step: 'clock' });
  await setClock(services, instance, boot, ctx.signal);
}
