// SPDX-License-Identifier: MIT
import { setTimeout as sleep } from 'node:timers/promises';
import type { OperationAccepted } from '#contract/instances.ts';
import type { NameParams } from '#contract/verb-params.ts';
import { formatBytes } from '#contract/units.ts';
import { sentence } from '#messages/say.ts';
import type { Sentence } from '#messages/sentence.ts';
import { HelperError, messageOf } from '../../core/errors.ts';
import type { Actor } from '../../core/seams/operation.ts';
import { requireSpace } from '../../images/convert/require-space.ts';
import type { OperationJob } from '../../operations/operation.ts';
import { readStatus } from '../../process/proc-fs.ts';
import { syncFile } from '../../store/durable.ts';
import type { SuspendedRecord } from '../../store/suspended-record.ts';
import type { Boot } from '../boot/boot.ts';
import { askGuest } from '../instance/ask-guest.ts';
import type { Instance } from '../instance/instance.ts';
import type { InstanceServices } from '../instance/services.ts';
import { pauseOf, paused } from '../machine/paused.ts';
import { noteInterruption } from '../reconcile/note-interruption.ts';
import { fileIdentities } from '../memory/file-identities.ts';
import { layoutOf, processorOf } from '../memory/machine-stamp.ts';
import { requireIdleFolders } from '../memory/require-idle-folders.ts';
import { beginMemory, keepMemory, mostFileBytes, removeMemory } from '../memory/saved-memory.ts';
import { operateOnBoot } from './operate-on-boot.ts';
import { end } from './stop.ts';
import { letGoOn } from './resume.ts';

/** For a guest that is emulated and has much to write; one that takes longer has it in its memory, which is kept. */
const syncLimitMs = 30_000;
const answerLimitMs = 10_000;
/** So long may QEMU write what nobody has seen. */
const lookEveryMs = 100;
/** What stands between the pages, and the devices. */
const besidesBytes = 64 * 1024 ** 2;

/** Writes the memory of an instance to the disk and ends its machine: a start goes on where it was. */
export async function suspend(
  services: InstanceServices,
  actor: Actor,
  { name }: NameParams,
): Promise<OperationAccepted> {
  return await operateOnBoot(services, 'suspend', { name, actor }, async (instance, boot, ctx) => {
    await saveAndEnd(services, instance, boot, ctx);
  });
}

/**
 * The order is what makes it safe. Until the record tells of the memory, whatever fails lets the guest go on; from then
 * on the machine never runs again, whoever ends it.
 */
async function saveAndEnd(
  services: InstanceServices,
  instance: Instance,
  boot: Boot,
  ctx: OperationJob,
): Promise<void> {
  const { machine, spec } = boot;
  requireSuspendable(boot);
  const pause = pauseOf(boot);
  if (pause && pause.reason !== 'asked') throw paused(instance.name, pause);
  await requireRoom(services, instance, boot);
  // what it does by itself before it is held, it does as a guest that runs
  if (pause) await letGoOn(services, instance, boot, ctx);
  ctx.report({ step: 'shared folders' });
  if (boot.timeline.isDone('sshd')) await requireIdleFolders(services, instance, ctx.signal);
  const comeBack = await services.mounts.leave(instance, ctx.signal);
  ctx.undo.defer(comeBack);
  if ((await machine.plugged(ctx.signal)).length > 0) throw notSuspendable(boot, sentence('saved.has-folders'));
  ctx.report({ step: 'sync' });
  await syncGuest(services, instance, boot, ctx.signal);
  let isNoted = false;
  ctx.undo.defer(async () => {
    if (instance.boot === boot) await goOnUnlessEnded(boot);
  });
  // before the guest goes on, which it does whatever comes of this: a write that failed may be on the disk all the
  // same, and who reads it would end the machine
  ctx.undo.defer(async () => {
    if (isNoted) await services.registry.update(instance, () => ({ suspended: undefined, desired: 'running' }));
  });
  await machine.hold(ctx.signal);
  const suspended = await save(services, instance, boot, ctx);
  ctx.pointOfNoReturn();
  isNoted = true;
  await services.registry.update(instance, () => ({ suspended, desired: 'stopped', lastError: undefined }));
  ctx.undo.move();
  boot.isEndExpected = true;
  ctx.report({ step: 'power off' });
  await end(boot);
  comeBack();
  services.log.info({ instance: spec.instance, bytes: suspended.memory.bytes }, 'an instance was suspended');
}

/** QEMU that ends closes its connection a moment before. */
async function goOnUnlessEnded({ machine, ended }: Boot): Promise<void> {
  try {
    await machine.resume(AbortSignal.timeout(answerLimitMs));
  } catch (error) {
    const hasEnded = await Promise.race([ended.then(() => true), sleep(answerLimitMs, false, { ref: false })]);
    if (!hasEnded) throw error;
  }
}

/** Writes the memory of a machine that is held; what its disks are by then belongs to it. */
async function save(
  services: InstanceServices,
  instance: Instance,
  boot: Boot,
  ctx: OperationJob,
): Promise<SuspendedRecord> {
  const { machine, spec, number } = boot;
  const places = services.files.instance(instance.name);
  ctx.undo.defer(() => removeMemory(places, services.log));
  await using file = await beginMemory(places);
  const requireSize = (bytes: number): void => requireFit(boot, bytes);
  await untilSaved(
    async (signal) => await machine.saveMemory(file.fd, signal),
    async () => {
      const { size } = await file.stat();
      ctx.report({ step: 'save memory', bytes: size });
      requireSize(size);
    },
    ctx.signal,
  );
  const written = spec.disks.filter(({ isReadOnly }) => !isReadOnly);
  await Promise.all(written.map(({ path }) => syncFile(path)));
  const memory = await keepMemory(places, file, requireSize, ctx.signal);
  const processor = await processorOf(spec);
  return {
    at: new Date().toISOString(),
    boot: number,
    spec,
    layout: layoutOf(spec),
    ...(processor === undefined ? {} : { processor }),
    memory,
    files: await fileIdentities(spec),
  };
}

/** Looks at a save again and again; it is given up where that throws. */
async function untilSaved(
  save: (signal: AbortSignal) => Promise<void>,
  look: () => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  const over = new AbortController();
  const failed = new AbortController();
  const looking = (async () => {
    while (!over.signal.aborted) {
      await look();
      await sleep(lookEveryMs, undefined, { signal: over.signal }).catch(() => undefined); // the loop's condition tells
    }
  })().catch((error: unknown) => failed.abort(error));
  try {
    await save(AbortSignal.any([signal, failed.signal]));
  } finally {
    over.abort();
    await looking;
  }
}

/**
 * QEMU, which may be in its guest's hands, fills the disk with no more than memory takes.
 * @throws HelperError instance.not-suspendable
 */
function requireFit(boot: Boot, bytes: number): void {
  const most = mostFileBytes(boot.spec.memoryBytes);
  if (bytes <= most) return;
  const values = { size: formatBytes(bytes), most: formatBytes(most) };
  throw notSuspendable(boot, sentence('saved.too-large', values));
}

/** What the guest has not written yet is in its memory, and on the disk too for who starts it without that. */
async function syncGuest(
  services: InstanceServices,
  instance: Instance,
  boot: Boot,
  signal: AbortSignal,
): Promise<void> {
  if (!boot.timeline.isDone('sshd')) return;
  try {
    await askGuest(services, instance, ['sync'], { signal, limitMs: syncLimitMs });
  } catch (error) {
    signal.throwIfAborted();
    services.log.warn({ instance: instance.name, reason: messageOf(error) }, 'a guest did not sync before its suspend');
  }
}

/**
 * What is bound to more than disks and memory cannot be put away with them.
 * @throws HelperError instance.not-suspendable
 */
function requireSuspendable(boot: Boot): void {
  const { hardware, security, memory } = boot.spec;
  if (hardware.vfioGroups.length > 0 || hardware.hostDisks.length > 0)
    throw notSuspendable(boot, sentence('saved.has-hardware'));
  if ((security?.qemu.args.length ?? 0) > 0) throw notSuspendable(boot, sentence('saved.has-arguments'));
  if (!memory || boot.spec.stamp.qemuVersion === undefined) throw notSuspendable(boot, sentence('saved.from-before'));
}

function notSuspendable({ spec }: Boot, reason: Sentence): HelperError {
  return new HelperError('instance.not-suspendable', { name: spec.instance, reason });
}

/** Pages that the guest never touched are not written. @throws HelperError storage.disk-full */
async function requireRoom({ files }: InstanceServices, { name }: Instance, { machine, spec }: Boot): Promise<void> {
  const status = await readStatus(machine.process.pid);
  const touched = ['VmRSS', 'VmSwap'].map((key) => Number(/^(\d+) kB$/.exec(status?.get(key) ?? '')?.[1] ?? 0) * 1024);
  const most = spec.memoryBytes + besidesBytes;
  const bytes = Math.min(
    most,
    touched.reduce((sum, each) => sum + each, besidesBytes),
  );
  await requireSpace(files.instance(name).directory, bytes);
}

/**
 * Where the record tells of the memory, it is suspended, and its machine was ended when it was found. Else it goes on
 * where it still runs, and has ended where it does not.
 */
export async function settleSuspend(services: InstanceServices, instance: Instance): Promise<void> {
  const { boot, record } = instance;
  if (record.suspended) return;
  if (boot) await goOnAfterSave(boot);
  await removeMemory(services.files.instance(instance.name), services.log);
  await noteInterruption(services, instance);
}

/** @throws HelperError hypervisor.control-failed */
async function goOnAfterSave({ machine, heldSince }: Boot): Promise<void> {
  if (!machine.pause || heldSince) return;
  const signal = AbortSignal.timeout(answerLimitMs);
  await machine.cancelSave(signal);
  await machine.resume(signal);
}
