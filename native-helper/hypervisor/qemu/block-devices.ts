// SPDX-License-Identifier: MIT
import { sentence } from '#messages/say.ts';
import type { MachineDisk, MachineSpec } from '../../core/seams/machine-spec.ts';
import { requireKnown } from '../../core/require-known.ts';
import { bootIndex } from './boot-index.ts';
import { pciAddress } from './pci-address.ts';

/** The disk that an instance was launched with. What is below it has names from before there were other disks. */
const firstDisk = 'disk';
const seed = 'seed';

/**
 * Disks and seed as virtio-blk (Debian's cloud kernel has no AHCI driver), in the order of their places. Every layer is
 * named with its driver: what an image's header says of a format or a backing file is never followed.
 */
export function blockArguments(spec: MachineSpec): string[] {
  return [
    ...spec.disks.flatMap(diskChain),
    ...node({ driver: 'file', 'node-name': `${seed}-file`, filename: spec.cdrom.path, 'read-only': true }),
    ...node({ driver: 'raw', 'node-name': seed, file: `${seed}-file`, 'read-only': true }),
    // What the host cannot write or read pauses the machine: a guest that is told of it gives up its file system.
    ...spec.disks.flatMap(({ id, place }) => [
      '-device',
      JSON.stringify({
        driver: 'virtio-blk-pci',
        id: `${id}-device0`,
        drive: id,
        ...bootIndex(spec, id),
        ...pciAddress(place),
        werror: 'stop',
        rerror: 'stop',
      }),
    ]),
    '-device',
    JSON.stringify({
      driver: 'virtio-blk-pci',
      id: `${seed}-device0`,
      drive: seed,
      ...bootIndex(spec, seed),
      ...pciAddress(spec.cdrom.place),
    }),
  ];
}

/**
 * From the lowest backing file up, because a node must exist before another names it. `backingPaths` has the nearest
 * first.
 */
function diskChain(disk: MachineDisk): string[] {
  const { id, isReadOnly } = disk;
  const format = requireKnown(disk.format, ['qcow2', 'raw'], sentence('record.disk-format'));
  const prefix = id === firstDisk ? '' : `${id}-`;
  const backing = disk.backingPaths.map((filename, index) => ({
    filename,
    name: `${prefix}backing${index}`,
    below: index + 1 < disk.backingPaths.length ? `${prefix}backing${index + 1}` : null,
  }));
  const access = isReadOnly ? { 'read-only': true } : { discard: 'unmap' };
  return [
    ...backing
      .toReversed()
      .flatMap(({ filename, name, below }) => [
        ...node({ driver: 'file', 'node-name': `${name}-file`, filename, 'read-only': true }),
        ...node({ driver: 'qcow2', 'node-name': name, file: `${name}-file`, backing: below, 'read-only': true }),
      ]),
    ...node({ driver: 'file', 'node-name': `${id}-file`, filename: disk.path, ...access }),
    ...node({
      driver: format,
      'node-name': id,
      file: `${id}-file`,
      ...(format === 'qcow2' ? { backing: backing[0]?.name ?? null } : {}),
      ...access,
    }),
  ];
}

/** Disks of the host, in slots of their own. */
export function hostDiskArguments({ hardware }: MachineSpec): string[] {
  return hardware.hostDisks.flatMap(hostDisk);
}

function hostDisk({ path, isReadOnly, place }: MachineSpec['hardware']['hostDisks'][number], index: number): string[] {
  const name = `host-disk${index}`;
  return [
    ...node({ driver: 'host_device', 'node-name': `${name}-device`, filename: path, 'read-only': isReadOnly }),
    ...node({ driver: 'raw', 'node-name': name, file: `${name}-device`, 'read-only': isReadOnly }),
    '-device',
    JSON.stringify({ driver: 'virtio-blk-pci', id: `${name}-pci`, drive: name, ...pciAddress(place) }),
  ];
}

function node(options: Readonly<Record<string, unknown>>): string[] {
  return ['-blockdev', JSON.stringify(options)];
}
