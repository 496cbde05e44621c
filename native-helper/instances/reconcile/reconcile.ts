// SPDX-License-Identifier: MIT
import { messageOf } from '../../core/errors.ts';
import type { RunningMachine } from '../../core/seams/hypervisor.ts';
import type { NetworkAttachment } from '../../core/seams/network.ts';
import type { ProcessRef } from '../../core/seams/processes.ts';
import type { JournalEntry } from '../../operations/journal-document.ts';
import { afterCrashOf } from './after-crash.ts';
import { attachBoot } from '../boot/attach-boot.ts';
import { awaitFirstBoot, awaitGuest } from '../boot/await-guest.ts';
import { giveBackMachine } from '../machine/give-back-machine.ts';
import { tapNameFor } from '../../network/tap-name.ts';
import { hostBootId, isAlive } from '../../process/proc-fs.ts';
import { bootTimeline, isBootOver, ofStart } from '../boot/boot-timeline.ts';
import type { Instance } from '../instance/instance.ts';
import type { InstanceServices } from '../instance/services.ts';
import type { InstanceRecord } from '../../store/instance-record.ts';
import { keptLease } from '../machine/kept-lease.ts';
import { removeMemory } from '../memory/saved-memory.ts';
import { settleLedger } from './settle-ledger.ts';
import { quietSecondsFor } from '../verbs/start.ts';

/**
 * Brings the helper's picture and the host together at start: machines that run are adopted, what an
 * interrupted operation left is undone, and the network gets to serve exactly the machines there are.
 */
export async function reconcile(
  services: InstanceServices,
  leftovers: readonly JournalEntry[],
  signal: AbortSignal,
): Promise<void> {
  const { registry, log } = services;
  await Promise.all(
    registry.all().map((instance) =>
      adoptMachine(services, instance).catch((error: unknown) => {
        instance.isUncertain = true;
        log.error({ error, instance: instance.name }, 'could not find out whether the machine runs');
      }),
    ),
  );
  for (const leftover of leftovers) await finishLeftover(services, leftover);
  // of those that were being saved or went on when an earlier helper ended
  const without = registry.all().filter(({ record }) => !record.suspended);
  await Promise.all(without.map(async ({ name }) => await removeMemory(services.files.instance(name), log)));
  await settleLedger(services);
  await retainAddresses(services);
  // What could not be observed keeps its tap: a failing look is no proof that nobody uses it.
  const attachments = [...registry.all().flatMap(attachmentsOf), ...(await brokenAttachments(services))];
  await services.network.reconcile(attachments, signal);
  for (const instance of registry.all()) {
    if (!instance.boot) continue;
    instance.boot.lease ??= keptLease(services, instance.boot);
    registry.touch(instance);
    resume(services, instance, signal);
  }
}

/** Addresses that are no instance's any more. Where a broken record hides one, all stay. */
async function retainAddresses({ registry, network, log }: InstanceServices): Promise<void> {
  const broken = [...registry.broken().values()].map(({ remains }) => remains.mac);
  const known = [...registry.all().map(({ record }) => record.mac), ...broken];
  if (known.includes(undefined)) return;
  await network
    .retain(known.filter((mac) => mac !== undefined))
    .catch((error: unknown) =>
      log.warn({ reason: messageOf(error) }, 'addresses of removed instances could not be given back'),
    );
}

/** Takes over the machine that the record names, or notes that it has ended meanwhile. */
async function adoptMachine(services: InstanceServices, instance: Instance): Promise<void> {
  const { machine } = instance.record;
  if (!machine) return;
  const ref = machine.process ?? (await services.hypervisor.find(machine.spec));
  const adopted = ref && (await takeOver(services, instance, machine, ref));
  const known = instance.record.boots.find(({ number }) => number === machine.boot);
  if (!adopted) {
    await giveBackMachine(services, machine.spec);
    const endedAt = new Date().toISOString();
    // Whoever ends with the host was not stopped. One that ended in this boot of the host did so by itself, or somebody
    // ended it.
    const isOwed = machine.hostBoot !== undefined && machine.hostBoot !== (await hostBootId());
    await services.registry.update(instance, (record) => ({
      machine: undefined,
      desired: isOwed && !record.suspended ? record.desired : 'stopped',
      boots: record.boots.map((boot) => (boot.number === machine.boot ? { ...boot, endedAt } : boot)),
    }));
    return;
  }
  const timeline = bootTimeline(services, instance, machine.boot, { ...ofStart, known: known?.phases });
  const startedAt = new Date(known?.startedAt ?? adopted.startedAt);
  const boot = await attachBoot(services, instance, {
    number: machine.boot,
    startedAt,
    spec: machine.spec,
    machine: adopted,
    timeline,
  });
  const [nic] = machine.spec.nics;
  boot.lease = nic && services.network.leaseFor(nic.mac);
  if (!machine.process)
    await services.registry.update(instance, () => ({ machine: { ...machine, process: adopted.process } }));
  services.log.info({ instance: instance.name, pid: adopted.process.pid }, 'machine adopted');
}

/**
 * One of an instance whose record has a saved memory never runs again: it was to be ended, or its guest has not gone on
 * yet. One of a later boot was started by a helper that knows of no saved memory: that is of no use any more.
 */
async function takeOver(
  services: InstanceServices,
  instance: Instance,
  machine: NonNullable<InstanceRecord['machine']>,
  ref: ProcessRef,
): Promise<RunningMachine | undefined> {
  const { hypervisor, registry, log } = services;
  const adopted = await hypervisor.adopt(machine.spec, ref);
  const { suspended } = instance.record;
  if (!adopted || !suspended) return adopted;
  if (suspended.boot !== machine.boot) {
    log.warn({ instance: instance.name }, 'it was started without its saved memory, which is discarded');
    await registry.update(instance, () => ({ suspended: undefined }));
    return adopted;
  }
  log.warn({ instance: instance.name, pid: ref.pid }, 'the machine of a suspended instance is ended');
  await adopted.kill();
  adopted.release();
  return undefined;
}

/** One that cannot be brought to its end now stays in the journal for the next start. */
async function finishLeftover(services: InstanceServices, leftover: JournalEntry): Promise<void> {
  try {
    await undoLeftover(services, leftover);
    await services.operations.settleLeftover(leftover);
  } catch (error) {
    services.log.error(
      { operation: leftover.id, kind: leftover.kind, target: leftover.target, reason: messageOf(error) },
      'an interrupted operation could not be settled; the next start tries again',
    );
  }
}

async function undoLeftover(services: InstanceServices, leftover: JournalEntry): Promise<void> {
  const { kind, target } = leftover;
  const instance = services.registry.all().find(({ name }) => name === target);
  services.log.warn({ operation: leftover.id, kind, target }, 'operation was interrupted');
  if (instance) await afterCrashOf(kind)?.(services, instance, leftover);
}

function attachmentsOf(instance: Instance): NetworkAttachment[] {
  const spec = instance.boot?.spec ?? (instance.isUncertain ? instance.record.machine?.spec : undefined);
  if (!spec) return [];
  return spec.nics.map(({ mac, tap }) => ({ instance: instance.name, mac, tap, owner: spec.owner }));
}

/**
 * A machine runs on while nothing can be made of its record, a later version's or a damaged one: its tap, which every
 * version names by the instance's id, stays until it has ended. A copy of a whole record has none.
 */
async function brokenAttachments({ registry, hypervisor, files }: InstanceServices): Promise<NetworkAttachment[]> {
  const whole = new Set(registry.all().map(({ record }) => record.id));
  const hidden = [...registry.broken()].filter(
    ([
      ,
      {
        remains: { id },
      },
    ]) => id !== undefined && !whole.has(id),
  );
  const byId = new Map(hidden.map((each) => [each[1].remains.id, each]));
  const found = await Promise.all(
    [...byId.values()].map(async ([instance, { remains }]): Promise<NetworkAttachment[]> => {
      const { id, mac, runAs } = remains;
      if (id === undefined || mac === undefined || runAs === undefined) return [];
      const runDirectory = files.machine(id).directory;
      // what cannot be read tells of no end
      const runs = await hypervisor.find({ runDirectory }).then(
        async (ref) => ref !== undefined && (await isAlive(ref)),
        () => true,
      );
      return runs ? [{ instance, mac, tap: tapNameFor(id), owner: runAs }] : [];
    }),
  );
  return found.flat();
}

/** Follows a boot to its end that an earlier helper saw begin; no operation waits for it. */
function resume(services: InstanceServices, instance: Instance, signal: AbortSignal): void {
  const { boot } = instance;
  if (!boot || isBootOver(boot.timeline.records)) return;
  const wait = { signal, report: () => undefined, quietSeconds: quietSecondsFor(boot.spec.accelerator) };
  void awaitGuest(services, instance, boot, wait)
    .then(() => awaitFirstBoot(services, instance, boot, wait))
    .catch((error: unknown) =>
      services.log.warn(
        { instance: instance.name, reason: messageOf(error) },
        'the boot of an adopted machine did not come through',
      ),
    );
}
