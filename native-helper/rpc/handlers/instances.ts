// SPDX-License-Identifier: MIT
import { stat } from 'node:fs/promises';
import type { InstanceDetails } from '#contract/instances.ts';
import type { NetworkFault } from '#contract/network-faults.ts';
import { messageOf } from '../../core/errors.ts';
import type { Actor } from '../../core/seams/operation.ts';
import { remove } from '../../instances/delete.ts';
import { describeLabel } from '../../instances/describe-label.ts';
import { examineInstanceNetworks } from '../../instances/examine-networks.ts';
import type { Instance } from '../../instances/instance.ts';
import { launch } from '../../instances/launch.ts';
import { listInstances } from '../../instances/list.ts';
import { purge } from '../../instances/purge.ts';
import { recover } from '../../instances/recover.ts';
import { restart } from '../../instances/restart.ts';
import type { InstanceServices } from '../../instances/services.ts';
import { start } from '../../instances/start.ts';
import { stop } from '../../instances/stop.ts';
import { suggestName } from '../../instances/suggest-name.ts';
import { readStatus } from '../../process/proc-fs.ts';
import type { Handlers } from '../handlers.ts';
import { inPages } from '../page-of.ts';

type InstanceMethods = Exclude<
  Extract<keyof Handlers, `instances.${string}`>,
  `instances.${string}security` | 'instances.grant' | 'instances.revoke'
>;

export function instanceHandlers(services: InstanceServices): Pick<Handlers, InstanceMethods> {
  const { registry } = services;
  return {
    'instances.list': async (page, { actor }) => inPages(listInstances(services, actor), ({ name }) => name, page),
    'instances.info': async ({ name }, { actor, signal }) =>
      await details(services, registry.require(name, actor, 'look into'), actor, signal),
    'instances.suggest-name': async () => ({ name: suggestName((name) => registry.isTaken(name)) }),
    'instances.launch': async (params, { actor, signal }) => await launch(services, actor, params, signal),
    'instances.start': async (params, { actor }) => await start(services, actor, params),
    'instances.stop': async (params, { actor }) => await stop(services, actor, params),
    'instances.restart': async (params, { actor }) => await restart(services, actor, params),
    'instances.delete': async ({ name }, { actor }) => await remove(services, actor, name),
    'instances.recover': async ({ name }, { actor }) => await recover(services, actor, name),
    'instances.purge': async ({ name }, { actor }) => await purge(services, actor, name),
  };
}

async function details(
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
