// SPDX-License-Identifier: MIT
import type { ToldSecuritySettings } from '#contract/security.ts';
import type { MachineSpec } from '../../core/seams/hypervisor.ts';

/**
 * Disk and seed as virtio-blk (Debian's cloud kernel has no AHCI driver). Every layer is named with
 * its driver: what an image's header says of a format or a backing file is never followed.
 */
export function blockArguments(spec: MachineSpec): string[] {
  return [
    ...diskChain(spec),
    ...node({ driver: 'file', 'node-name': 'seed-file', filename: spec.seedPath, 'read-only': true }),
    ...node({ driver: 'raw', 'node-name': 'seed', file: 'seed-file', 'read-only': true }),
    // What the host cannot write or read pauses the machine: a guest that is told of it gives up its file system.
    '-device',
    JSON.stringify({
      driver: 'virtio-blk-pci',
      id: 'disk-device0',
      drive: 'disk',
      bootindex: 1,
      bus: 'pcie.0',
      addr: '0x1',
      werror: 'stop',
      rerror: 'stop',
    }),
    '-device',
    JSON.stringify({ driver: 'virtio-blk-pci', id: 'seed-device0', drive: 'seed', bus: 'pcie.0', addr: '0x2' }),
  ];
}

/**
 * From the lowest backing file up, because a node must exist before another names it. `backingPaths` has the nearest
 * first.
 */
function diskChain({ disk }: MachineSpec): string[] {
  const backing = disk.backingPaths.map((filename, index) => ({
    filename,
    name: `backing${index}`,
    below: index + 1 < disk.backingPaths.length ? `backing${index + 1}` : null,
  }));
  return [
    ...backing
      .toReversed()
      .flatMap(({ filename, name, below }) => [
        ...node({ driver: 'file', 'node-name': `${name}-file`, filename, 'read-only': true }),
        ...node({ driver: 'qcow2', 'node-name': name, file: `${name}-file`, backing: below, 'read-only': true }),
      ]),
    ...node({ driver: 'file', 'node-name': 'disk-file', filename: disk.path, discard: 'unmap' }),
    ...node({
      driver: 'qcow2',
      'node-name': 'disk',
      file: 'disk-file',
      backing: backing[0]?.name ?? null,
      discard: 'unmap',
    }),
  ];
}

/** Disks of the host, in slots that are left when all other devices have theirs. */
export function hostDiskArguments({ security }: MachineSpec): string[] {
  return (security?.blockDevices ?? []).flatMap(hostDisk);
}

function hostDisk({ path, isReadOnly }: ToldSecuritySettings['blockDevices'][number], index: number): string[] {
  const name = `host-disk${index}`;
  return [
    ...node({ driver: 'host_device', 'node-name': `${name}-device`, filename: path, 'read-only': isReadOnly }),
    ...node({ driver: 'raw', 'node-name': name, file: `${name}-device`, 'read-only': isReadOnly }),
    '-device',
    JSON.stringify({ driver: 'virtio-blk-pci', id: `${name}-pci`, drive: name }),
  ];
}

function node(options: Readonly<Record<string, unknown>>): string[] {
  return ['-blockdev', JSON.stringify(options)];
}
