// SPDX-License-Identifier: MIT
import { architecture } from '#contract/images.ts';
import type { Accelerator } from '#contract/instances.ts';
import { sentence } from '#messages/say.ts';
import { HelperError } from '../../core/errors.ts';
import { requireKnown } from '../../core/require-known.ts';
import type { VaultRecord } from '../../core/seams/images.ts';
import type { MachineSpec, PciPlace } from '../../core/seams/machine-spec.ts';
import { cpuModel, machineType } from '../../hypervisor/machine-types.ts';
import { placesFor, type DevicePlace } from '../../hypervisor/pci-places.ts';
import type { Instance } from '../instance/instance.ts';
import type { InstanceServices } from '../instance/services.ts';
import { machineHardware, machineSecurity, namedHardware, placedDevices } from '../security/machine-settings.ts';
import { tapNameFor } from '../../network/tap-name.ts';

/** The machine that a start of this boot would make, with its devices where they were before. */
export function machineSpec(
  services: InstanceServices,
  instance: Instance,
  boot: number,
  accelerator: Accelerator,
): MachineSpec {
  const { record, security } = instance;
  const image = vaultImageOf(services, instance);
  const files = services.files.instance(record.name);
  const run = services.files.machine(record.id);
  const known = requireKnown(record.image.architecture, architecture.options, sentence('record.architecture'));
  const places = new Map(
    placesFor(placedDevices(security), record.places).map(({ device, bus, slot }) => [device, { bus, slot }] as const),
  );
  const placeOf = (device: string): PciPlace => {
    const place = places.get(device);
    if (!place) throw new HelperError('internal.bug', { reason: `no place for ${device}` });
    return place;
  };
  return {
    schema: 2,
    id: record.id,
    instance: record.name,
    uuid: record.uuid,
    architecture: known,
    accelerator,
    stamp: { machineType: machineType(known), cpuModel: cpuModel(known, accelerator) },
    cpus: record.cpus,
    maxCpus: record.cpus,
    memoryBytes: record.memoryBytes,
    owner: record.runAs,
    disks: [
      {
        id: 'disk',
        path: files.disk,
        format: 'qcow2',
        backingPaths: [image.diskPath],
        bytes: record.diskBytes,
        isReadOnly: false,
        place: placeOf('disk'),
      },
    ],
    cdrom: { path: files.seed, place: placeOf('seed') },
    nics: [{ id: 'nic0', mac: record.mac, tap: tapNameFor(record.id), place: placeOf('nic0') }],
    bootOrder: ['disk'],
    kernel: image.kernel,
    runDirectory: run.directory,
    qmpSocket: run.qmpSocket,
    serialSocket: run.serialSocket,
    consoleLog: files.consoleLog(boot),
    log: files.log,
    memory: { savePath: files.memoryPart },
    security: machineSecurity(security),
    hardware: machineHardware(security, placeOf),
  };
}

/** Where each device of a machine is, to be remembered from one start to the next. */
export function placesOf({ disks, cdrom, nics, hardware }: MachineSpec): DevicePlace[] {
  const named = [
    ...[...disks, { id: 'seed', place: cdrom.place }, ...nics].map(({ id, place }) => ({ device: id, place })),
    ...namedHardware(hardware),
  ];
  return named.flatMap(({ device, place }) => (place ? [{ device, ...place }] : []));
}

/** The image the instance's disk stands on; without it the disk cannot be read. */
function vaultImageOf(services: InstanceServices, instance: Instance): VaultRecord {
  const image = services.images.base(instance.record.image.fingerprint);
  if (!image) {
    const { title, fingerprint } = instance.record.image;
    throw new HelperError('image.not-found', { image: `${title} (${fingerprint.slice(0, 12)})` });
  }
  return image;
}
