// SPDX-License-Identifier: MIT
import { rm } from 'node:fs/promises';
import type { BootPhase } from '#contract/operations.ts';
import { allOrFirstFault } from '../../core/all-or-first-fault.ts';
import { HelperError, messageOf, toHelperError } from '../../core/errors.ts';
import type { LoadedMemory } from '../../core/seams/hypervisor.ts';
import type { MachineSpec } from '../../core/seams/machine-spec.ts';
import type { Tap } from '../../core/seams/network.ts';
import type { OperationContext } from '../../core/seams/operation.ts';
import { requireStrictAsRoot } from '../security/change-security.ts';
import { requireConsent } from '../security/require-consent.ts';
import { mostSlots } from '../../hypervisor/qemu/share-slots.ts';
import { hostBootId } from '../../process/proc-fs.ts';
import { isInstalled } from '../../process/programs.ts';
import type { InstanceRecord } from '../../store/instance-record.ts';
import type { SuspendedRecord } from '../../store/suspended-record.ts';
import { attachBoot, type AttachRequest } from '../boot/attach-boot.ts';
import type { Boot } from '../boot/boot.ts';
import { giveBackMachine } from './give-back-machine.ts';
import { machineSpec, placesOf } from './machine-spec.ts';
import type { Instance } from '../instance/instance.ts';
import { requireDecidedByRoot } from '../security/loosening.ts';
import type { PhaseTimeline } from '../boot/phase-timeline.ts';
import type { InstanceServices } from '../instance/services.ts';

/** How many boots a record remembers; the consoles of older ones are removed by the same number. */
export const rememberedBoots = 20;

interface MachineStart {
  readonly timeline: PhaseTimeline;
  /** Makes what QEMU opens, while network and profile are made beside it. */
  readonly prepare?: () => Promise<void>;
  /** Where another machine ended, instead of from the first byte. */
  readonly saved?: SavedStart;
}

type Kept = Pick<
  MachineSpec,
  'stamp' | 'cpus' | 'maxCpus' | 'memoryBytes' | 'hardware' | 'shareSlots' | 'security' | 'memory'
>;

/** The memory that a machine goes on with. */
export interface SavedStart {
  readonly record: SuspendedRecord;
  /** Refuses by throwing, before anything is done. */
  readonly requireSame: (spec: MachineSpec) => Promise<void>;
  readonly memory: LoadedMemory;
}

/**
 * Starts the instance's machine: network and files, then QEMU. What it made is undone when the
 * operation fails later, so a start that did not come through leaves no process and no tap.
 */
export async function startMachine(
  services: InstanceServices,
  instance: Instance,
  { timeline, prepare, saved }: MachineStart,
  ctx: OperationContext,
): Promise<Boot> {
  const { registry, hypervisor } = services;
  if ((instance.record.suspended === undefined) !== (saved === undefined))
    throw new HelperError('internal.bug', { reason: 'a boot over a saved memory' });
  await requireConsent(services, instance.name, instance.security.isAllowedWithoutAppArmor);
  await requireStrictAsRoot(services, instance);
  await requireDecidedByRoot(services, instance);
  const capabilities = await hypervisor.capabilities(ctx.signal);
  const { diskDigest } = await services.images.requireBase(instance.name, instance.record.image);
  const number = saved?.record.boot ?? nextBoot(instance.record);
  const now = machineSpec(services, instance, number, capabilities.accelerator);
  const spec = {
    ...now,
    ...(saved ? goingOn(services, instance, saved.record, now.stamp) : await forFolders()),
  };
  await saved?.requireSame(spec);
  const hostBoot = await hostBootId();
  const { startedAt, boots } = withBoot(instance.record, number, timeline);
  await registry.update(instance, (record) => ({
    desired: 'running',
    lastError: undefined,
    machine: { spec, boot: number, hostBoot },
    places: placesOf(spec),
    image: { diskDigest, ...record.image },
    boots,
  }));
  ctx.undo.defer(() => forgetMachine(services, instance));

  await removeForgottenConsole(services, instance);
  const ofFirmware = (error: unknown): never => {
    throw inPhase(error, 'firmware');
  };
  const [taps, prepared] = await allOrFirstFault([
    attachNetwork(services, spec, timeline, ctx),
    hypervisor.prepare(spec, ctx.signal).catch(ofFirmware),
    prepare?.(),
  ]);
  ctx.report({ step: 'firmware' });
  timeline.begin('firmware', new Date());
  const machine = await prepared.start(taps, ctx, saved?.memory).catch(ofFirmware);
  const started = { ...spec, stamp: { ...spec.stamp, qemuVersion: machine.qemuVersion } };
  const request = { number, startedAt, spec: started, machine, timeline };
  if (saved) return await attachGoingOn(services, instance, request, hostBoot);
  const boot = await attachBoot(services, instance, request);
  ctx.undo.defer(async () => {
    boot.isEndExpected = true;
    await machine.kill();
    await boot.ended;
  });
  await noteProcess(services, instance, boot, hostBoot);
  return boot;
}

/** Its guest runs: whatever fails here, the machine is left to it, and the next helper finds it by its files. */
async function attachGoingOn(
  services: InstanceServices,
  instance: Instance,
  request: AttachRequest,
  hostBoot: string | undefined,
): Promise<Boot> {
  const boot = await attachBoot(services, instance, request).catch((error: unknown) => {
    instance.isUncertain = true;
    throw error;
  });
  await noteProcess(services, instance, boot, hostBoot).catch((error: unknown) =>
    services.log.warn({ instance: instance.name, reason: messageOf(error) }, 'the process of a machine was not noted'),
  );
  return boot;
}

async function noteProcess(
  { registry }: InstanceServices,
  instance: Instance,
  { spec, machine, number }: Boot,
  hostBoot: string | undefined,
): Promise<void> {
  await registry.update(instance, () => ({
    machine: { spec, process: machine.process, boot: number, hostBoot },
  }));
}

export function nextBoot({ boots }: Pick<InstanceRecord, 'boots'>): number {
  return (boots.at(-1)?.number ?? 0) + 1;
}

/** The boots with one that begins, or goes on: that was never over. */
function withBoot(
  { boots }: InstanceRecord,
  number: number,
  timeline: PhaseTimeline,
): { readonly startedAt: Date; readonly boots: InstanceRecord['boots'] } {
  const known = boots.find((each) => each.number === number);
  const startedAt = new Date(known?.startedAt ?? Date.now());
  const boot = { number, startedAt: startedAt.toISOString(), phases: [...timeline.records] };
  const others = boots.filter((each) => each !== known);
  return { startedAt, boots: [...others, boot].slice(-rememberedBoots) };
}

/** Memory that can be handed over is given only where there is somebody to hand it to. */
async function forFolders(): Promise<Pick<MachineSpec, 'shareSlots'>> {
  return (await isInstalled('virtiofsd')) ? { shareSlots: mostSlots } : {};
}

/** What a guest that goes on keeps of its earlier machine, whatever was decided since for its next boot. */
function goingOn(
  { files }: InstanceServices,
  { name, security: decided }: Instance,
  { spec }: SuspendedRecord,
  stamp: MachineSpec['stamp'],
): Kept {
  const { cpus, maxCpus, memoryBytes, hardware, security } = spec;
  const { memory, memoryPart } = files.instance(name);
  return {
    cpus,
    maxCpus,
    memoryBytes,
    hardware,
    // QEMU is asked before it gets the memory
    stamp: { ...stamp, qemuVersion: spec.stamp.qemuVersion },
    ...(spec.shareSlots === undefined ? {} : { shareSlots: spec.shareSlots }),
    ...(security && { security: { ...security, isAllowedWithoutAppArmor: decided.isAllowedWithoutAppArmor } }),
    memory: { savePath: memoryPart, loadPath: memory },
  };
}

/** An error that knows in which phase of the boot it came. */
export function inPhase(error: unknown, phase: BootPhase, consoleTail?: readonly string[]): HelperError {
  const known = toHelperError(error);
  return new HelperError(known.code, known.params, {
    cause: known.cause,
    phase: known.phase ?? phase,
    ...(consoleTail === undefined ? {} : { consoleTail }),
  });
}

/** A tap for each NIC, in their order. */
async function attachNetwork(
  { network }: InstanceServices,
  { instance, nics, owner }: MachineSpec,
  timeline: PhaseTimeline,
  ctx: OperationContext,
): Promise<readonly Tap[]> {
  ctx.report({ step: 'network' });
  timeline.begin('network', new Date());
  try {
    const taps: Tap[] = [];
    for (const { mac, tap } of nics) {
      ctx.undo.defer(() => network.detach(tap));
      taps.push(await network.attach({ instance, mac, tap, owner }, ctx.signal));
    }
    timeline.end('network', new Date(), `${taps.map(({ name }) => name).join(', ')} on the bridge`);
    return taps;
  } catch (error) {
    throw inPhase(error, 'network');
  }
}

/** The console of the boot that the record has just forgotten. */
async function removeForgottenConsole(services: InstanceServices, instance: Instance): Promise<void> {
  const files = services.files.instance(instance.name);
  const oldest = instance.record.boots[0]?.number ?? 1;
  const gone = oldest - 1; // one boot is forgotten with each start
  await Promise.all([files.consoleLog(gone), files.consoleIndex(gone)].map((file) => rm(file, { force: true })));
}

/** The record no longer names a machine: its start was undone. */
async function forgetMachine(services: InstanceServices, instance: Instance): Promise<void> {
  const { machine } = instance.record;
  if (machine) await giveBackMachine(services, machine.spec);
  await services.registry.update(instance, () => ({ machine: undefined, desired: 'stopped' }));
}
