// SPDX-License-Identifier: MIT
import { stat } from 'node:fs/promises';
import type { InstanceDetails } from '#contract/instances.ts';
import type { NetworkFault } from '#contract/network-faults.ts';
import { messageOf } from '../../core/errors.ts';
import type { Actor } from '../../core/seams/operation.ts';
import { readStatus } from '../../process/proc-fs.ts';
import type { Instance } from '../instance/instance.ts';
import type { InstanceServices } from '../instance/services.ts';
import { describeLabel } from './describe-label.ts';
import { examineInstanceNetworks } from './examine-networks.ts';

/** All that is known of an instance and its machine, looked at now. What cannot be looked at is absent. */
export async function describeInstance(
  services: InstanceServices,
  instance: Instance,
  actor: Actor,
  signal: AbortSignal,
): Promise<InstanceDetails> {
  const { record, boot } = instance;
  const [diskUsedBytes, memoryResidentBytes, confinement, label, networkFaults] = await Promise.all([
    stat(services.files.instance(record.name).disk).then(
      ({ blocks }) => blocks * 512,
      () => undefined,
    ), // still being made
    boot && residentBytes(boot.machine.process.pid),
    boot?.machine.confinement().catch((error: unknown) => {
      services.log.warn({ instance: record.name, reason: messageOf(error) }, 'confinement not measured');
      return undefined;
    }),
    describeLabel(services, instance).catch((error: unknown) => {
      services.log.warn({ instance: record.name, reason: messageOf(error) }, 'label not read');
      return undefined;
    }),
    boot && networkFaultsOf(services, instance, signal),
  ]);
  return {
    ...instance.summary(actor, services.operations.current(record.name)),
    architecture: record.image.architecture,
    imageTitle: record.image.title,
    imageFingerprint: record.image.fingerprint,
    defaultUser: record.image.defaultUser,
    macAddress: record.mac,
    hostName: record.name,
    networkFaults,
    diskUsedBytes,
    pid: boot?.machine.process.pid,
    memoryResidentBytes,
    boots: record.boots.map((entry) =>
      entry.number === boot?.number ? { ...entry, phases: [...boot.timeline.records] } : entry,
    ),
    confinement: confinement && [...confinement],
    label,
  };
}

async function networkFaultsOf(
  services: InstanceServices,
  instance: Instance,
  signal: AbortSignal,
): Promise<NetworkFault[] | undefined> {
  try {
    return [...((await examineInstanceNetworks(services, [instance], signal)).get(instance.name) ?? [])];
  } catch (error) {
    signal.throwIfAborted();
    services.log.warn({ instance: instance.name, reason: messageOf(error) }, 'network not looked at');
    return undefined;
  }
}

async function residentBytes(pid: number): Promise<number | undefined> {
  const kibibytes = /^(\d+) kB$/.exec((await readStatus(pid))?.get('VmRSS') ?? '')?.[1];
  return kibibytes === undefined ? undefined : Number(kibibytes) * 1024;
}
