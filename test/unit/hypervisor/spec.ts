// SPDX-License-Identifier: MIT
import type { InstanceName, MacAddress } from '#contract/names.ts';
import type { MachineSpec } from '../../../native-helper/core/seams/hypervisor.ts';

/** A machine to ask questions about. */
export const spec: MachineSpec = {
  schema: 1,
  instance: 'amber-fox' as InstanceName,
  uuid: '6f1c1b8e-4f6b-4a38-9a0a-000000000001',
  architecture: 'x86_64',
  accelerator: 'tcg',
  cpus: 2,
  memoryBytes: 512 * 1024 ** 2,
  owner: { uid: 61001, gid: 61001 },
  disk: {
    path: '/var/lib/berth/instances/amber-fox/disk.qcow2',
    backingPaths: ['/var/lib/berth/images/abc/disk.qcow2'],
  },
  seedPath: '/var/lib/berth/instances/amber-fox/seed.iso',
  nic: { mac: '52:54:00:12:34:56' as MacAddress, tap: 'bt-amber' },
  qmpSocket: '/run/berth/machines/a1/qmp.sock',
  serialSocket: '/run/berth/machines/a1/serial.sock',
  consoleLog: '/var/lib/berth/instances/amber-fox/console/boot-0001.log',
  log: '/var/lib/berth/instances/amber-fox/qemu.log',
};
