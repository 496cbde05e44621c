// SPDX-License-Identifier: MIT
import path from 'node:path';

type Json = Readonly<Record<string, unknown>>;

/** Version 2 has the machine for many disks and NICs ({@link specFrom1}); nothing else changed. */
export function instanceFrom1(record: Json): Json {
  const { machine } = record;
  if (!isObject(machine) || !isObject(machine['spec'])) return record;
  return { ...record, machine: { ...machine, spec: specFrom1(machine['spec']) } };
}

/** As {@link instanceFrom1}, of an entry of the ledger. */
export function ledgerFrom1(entry: Json): Json {
  return entry['kind'] === 'machine' && isObject(entry['spec']) ? { ...entry, spec: specFrom1(entry['spec']) } : entry;
}

/**
 * A machine as a helper started it that knew one disk and one NIC: its devices were where every version put them, which
 * are numbers of that time. What the host gave it had no places. What is damaged stays as it is, for the schema to
 * name.
 */
function specFrom1(spec: Json): Json {
  const { disk, nic, seedPath, qmpSocket, pidFile: _, security, ...rest } = spec;
  const runDirectory = typeof qmpSocket === 'string' ? path.dirname(qmpSocket) : undefined;
  const { settings, hardware } = partsOf(security);
  return {
    ...rest,
    schema: 2,
    id: runDirectory === undefined ? undefined : path.basename(runDirectory),
    stamp: stampOf(spec),
    maxCpus: spec['cpus'],
    disks: [isObject(disk) ? { ...disk, id: 'disk', format: 'qcow2', isReadOnly: false, place: rootSlot(1) } : disk],
    cdrom: { path: seedPath, place: rootSlot(2) },
    nics: [isObject(nic) ? { ...nic, id: 'nic0', place: rootSlot(3) } : nic],
    bootOrder: ['disk'],
    runDirectory,
    qmpSocket,
    ...(security === undefined ? {} : { security: settings }),
    hardware,
  };
}

function rootSlot(slot: number): Json {
  return { bus: 'pcie.0', slot };
}

/** Every helper that wrote version 1 started machines of these, and noted no version of QEMU. */
function stampOf({ architecture, accelerator }: Json): Json {
  const isPc = architecture === 'x86_64';
  return {
    machineType: isPc ? 'pc-q35-7.2' : 'virt-7.2',
    cpuModel: accelerator === 'kvm' ? 'host' : isPc ? 'max,la57=off' : 'max,pauth-impdef=on',
  };
}

/** Hardware was among what was decided on the confinement. */
function partsOf(security: unknown): { readonly settings: unknown; readonly hardware: Json } {
  if (!isObject(security)) return { settings: security, hardware: hardwareOf({}) };
  const { usesHugepages, usesVhostNet, vfioGroups, blockDevices, ...settings } = security;
  return { settings, hardware: hardwareOf({ usesHugepages, usesVhostNet, vfioGroups, blockDevices }) };
}

function hardwareOf({ usesHugepages = false, usesVhostNet = false, vfioGroups = [], blockDevices = [] }: Json): Json {
  return {
    usesHugepages,
    usesVhostNet,
    vfioGroups: Array.isArray(vfioGroups) ? vfioGroups.map((group: unknown) => ({ group })) : vfioGroups,
    hostDisks: blockDevices,
  };
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
