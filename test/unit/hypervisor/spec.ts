// SPDX-License-Identifier: MIT
import type { InstanceName, MacAddress } from '#contract/names.ts';
import type { MachineDisk, MachineNic, MachineSpec } from '../../../native-helper/core/seams/machine-spec.ts';

/** Its disk. */
export const disk: MachineDisk = {
  id: 'disk',
  path: '/var/lib/berth/instances/amber-fox/disk.qcow2',
  format: 'qcow2',
  backingPaths: ['/var/lib/berth/images/abc/disk.qcow2'],
  isReadOnly: false,
  place: { bus: 'pcie.0', slot: 1 },
};

/** Its network card. */
export const nic: MachineNic = {
  id: 'nic0',
  mac: '52:54:00:12:34:56' as MacAddress,
  tap: 'bt-amber',
  place: { bus: 'pcie.0', slot: 3 },
};

/** A machine to ask questions about. */
export const spec: MachineSpec = {
  schema: 2,
  id: 'a1',
  instance: 'amber-fox' as InstanceName,
  uuid: '6f1c1b8e-4f6b-4a38-9a0a-000000000001',
  architecture: 'x86_64',
  accelerator: 'tcg',
  stamp: { machineType: 'pc-q35-7.2', cpuModel: 'max,la57=off' },
  cpus: 2,
  maxCpus: 2,
  memoryBytes: 512 * 1024 ** 2,
  owner: { uid: 61001, gid: 61001 },
  disks: [disk],
  cdrom: { path: '/var/lib/berth/instances/amber-fox/seed.iso', place: { bus: 'pcie.0', slot: 2 } },
  nics: [nic],
  bootOrder: ['disk'],
  runDirectory: '/run/berth/machines/a1',
  qmpSocket: '/run/berth/machines/a1/qmp.sock',
  serialSocket: '/run/berth/machines/a1/serial.sock',
  consoleLog: '/var/lib/berth/instances/amber-fox/console/boot-0001.log',
  log: '/var/lib/berth/instances/amber-fox/qemu.log',
  hardware: { usesHugepages: false, usesVhostNet: false, vfioGroups: [], hostDisks: [] },
};
