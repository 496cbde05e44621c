// SPDX-License-Identifier: MIT
import { describe, expect, it } from 'vitest';
import { layoutOf, processorIn } from '../../../native-helper/instances/memory/machine-stamp.ts';
import { requireSameMachine, requireSameQemu } from '../../../native-helper/instances/memory/require-same-machine.ts';
import type { MachineSpec } from '../../../native-helper/core/seams/machine-spec.ts';
import type { SuspendedRecord } from '../../../native-helper/store/suspended-record.ts';
import { disk, nic, spec } from '../hypervisor/spec.ts';

const ran: MachineSpec = {
  ...spec,
  stamp: { ...spec.stamp, qemuVersion: '7.2.17' },
  shareSlots: 8,
  memory: { savePath: '/var/lib/berth/instances/amber-fox/memory.part' },
};
const saved = {
  at: '2026-12-01T00:00:00.000Z',
  boot: 3,
  spec: ran as SuspendedRecord['spec'],
  layout: layoutOf(ran),
  memory: { bytes: 1, digest: layoutOf(ran) },
  files: [],
} satisfies SuspendedRecord;
/** As the start after that makes it: in other places of the host, and without a version yet. */
const now: MachineSpec = {
  ...ran,
  stamp: spec.stamp,
  owner: { uid: 5, gid: 5 },
  consoleLog: '/elsewhere/boot-0003.log',
  runDirectory: '/run/other',
  qmpSocket: '/run/other/qmp.sock',
  memory: { savePath: '/x/memory.part', loadPath: '/x/memory' },
};

describe('the machine that a saved memory is of', () => {
  it('is the same wherever its files on the host are, and however its memory comes', () => {
    expect(() => requireSameMachine(saved, now, undefined)).not.toThrow();
  });

  it.each<[string, Partial<MachineSpec>]>([
    ['the acceleration', { accelerator: 'kvm' }],
    ['the machine type', { stamp: { ...spec.stamp, machineType: 'pc-q35-8.0' } }],
    ['the CPU model', { stamp: { ...spec.stamp, cpuModel: 'host' } }],
    ['the number of CPUs', { cpus: 4, maxCpus: 4 }],
    ['the memory size', { memoryBytes: 1024 ** 3 }],
    ['the disk size', { disks: [{ ...disk, bytes: 1024 ** 3 }] }],
    ['the MAC address', { nics: [{ ...nic, mac: '52:54:00:00:00:01' as never }] }],
    ['the UUID', { uuid: '6f1c1b8e-4f6b-4a38-9a0a-000000000002' }],
  ])('is another one with %s changed, which is named', (what, change) => {
    expect(() => requireSameMachine(saved, { ...now, ...change }, undefined)).toThrow(
      expect.objectContaining({ code: 'memory.machine-differs', params: expect.objectContaining({ what }) as object }),
    );
  });

  it.each<[string, Partial<MachineSpec>]>([
    ['a place', { nics: [{ ...nic, place: { bus: 'pcie.0', slot: 9 } }] }],
    ['slots', { shareSlots: 7 }],
    ['memory that is not shared', { shareSlots: undefined }],
    ['a disk more', { disks: [disk, { ...disk, id: 'data', place: { bus: 'pcie.0', slot: 9 } }] }],
    ['another image', { disks: [{ ...disk, backingPaths: ['/images/other'] }] }],
    ['a kernel', { kernel: { kernelPath: '/k', initrdPath: '/i', commandLine: '' } }],
  ])('is another one with %s', (_, change) => {
    expect(() => requireSameMachine(saved, { ...now, ...change }, undefined)).toThrow(
      expect.objectContaining({ code: expect.stringMatching(/^memory\./) as string }),
    );
  });

  it('has been given other devices where its layout was', () => {
    const other = { ...saved, layout: layoutOf({ ...ran, shareSlots: 1 }) };
    expect(() => requireSameMachine(other, now, undefined)).toThrow(
      expect.objectContaining({ code: 'memory.devices-differ' }),
    );
  });

  it('ran on this processor and with this QEMU', () => {
    expect(() => requireSameMachine({ ...saved, processor: 'a' }, now, 'a')).not.toThrow();
    for (const processor of ['b', undefined])
      expect(() => requireSameMachine({ ...saved, processor: 'a' }, now, processor)).toThrow(
        "this computer's processor",
      );
    expect(() => requireSameQemu('amber-fox', saved, '7.2.17')).not.toThrow();
    for (const version of ['7.2.18', undefined])
      expect(() => requireSameQemu('amber-fox', saved, version)).toThrow('the version of QEMU was 7.2.17');
  });
});

describe('a processor', () => {
  const cpuinfo = (model: string, flags: string, mhz: string): string =>
    `processor\t: 0\nvendor_id\t: GenuineIntel\ncpu family\t: 6\nmodel\t\t: 85\nmodel name\t: ${model}\nstepping\t: 7\ncpu MHz\t\t: ${mhz}\nflags\t\t: ${flags}\n\nprocessor\t: 1\nflags\t\t: other\n`;

  it('is what it is called and what it can do, not how fast it is now', () => {
    const one = processorIn(cpuinfo('Xeon', 'fpu avx2', '2500'));
    expect(one).toMatch(/^Xeon \([0-9a-f]{12}\)$/);
    expect(processorIn(cpuinfo('Xeon', 'fpu avx2', '3100'))).toBe(one);
    expect(processorIn(cpuinfo('Xeon', 'fpu', '2500'))).not.toBe(one);
    expect(processorIn(cpuinfo('Core', 'fpu avx2', '2500'))).not.toBe(one);
  });

  it('is told apart on Arm too', () => {
    const arm = (part: string): string => `processor\t: 0\nFeatures\t: fp asimd\nCPU part\t: ${part}\n`;
    expect(processorIn(arm('0xd0c'))).not.toBe(processorIn(arm('0xd40')));
  });
});
