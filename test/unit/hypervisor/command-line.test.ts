// SPDX-License-Identifier: MIT
import { describe, expect, it } from 'vitest';
import type { LaterValue } from '#contract/open-enum.ts';
import { cpuModel, machineType } from '../../../native-helper/hypervisor/machine-types.ts';
import { commandLine } from '../../../native-helper/hypervisor/qemu/command-line.ts';
import { passedDescriptors } from '../../../native-helper/hypervisor/qemu/descriptors.ts';
import { disk, nic, spec } from './spec.ts';

const kernel = { kernelPath: '/images/k', initrdPath: '/images/i', commandLine: 'console=ttyS0, root=/dev/vda1' };

const valuesOf = (args: readonly string[], option: string): string[] =>
  args.flatMap((arg, index) => (arg === option ? [args[index + 1] ?? ''] : []));
const valueOf = (args: readonly string[], option: string): string => valuesOf(args, option).join(' ');
const objectsOf = (args: readonly string[], option: string): Record<string, unknown>[] =>
  valuesOf(args, option)
    .filter((value) => value.startsWith('{'))
    .map((value) => JSON.parse(value) as Record<string, unknown>);
const driverOf = (args: readonly string[], driver: string): Record<string, unknown> | undefined =>
  objectsOf(args, '-device').find((device) => device['driver'] === driver);

describe('any machine', () => {
  const args = commandLine(spec);

  it('has nothing that was not asked for, and waits for the word to run', () => {
    expect(args).toEqual(expect.arrayContaining(['-nodefaults', '-no-user-config', '-S']));
    expect(valueOf(args, '-display')).toBe('none');
  });

  it('waits for memory only where it goes on with some', () => {
    expect(args).not.toContain('-incoming');
    const memory = { savePath: '/s/memory.part' };
    expect(commandLine({ ...spec, memory })).toEqual(args);
    expect(valueOf(commandLine({ ...spec, memory: { ...memory, loadPath: '/s/memory' } }), '-incoming')).toBe('defer');
  });

  it('is locked by the whole sandbox', () => {
    expect(valueOf(args, '-sandbox')).toBe('on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny');
  });

  it('never uses options that the sandbox breaks', () => {
    for (const option of ['-runas', '-daemonize', '-chroot', '-drive', '-hda']) expect(args).not.toContain(option);
  });

  it('records its serial port by itself and appends', () => {
    expect(valuesOf(args, '-chardev')).toContain(
      'socket,id=serial0,fd=5,server=on,wait=off,logfile=/dev/fdset/1,logappend=on',
    );
    expect(valueOf(args, '-serial')).toBe('chardev:serial0');
  });

  it('is controlled on its own socket', () => {
    expect(valuesOf(args, '-chardev')).toContain('socket,id=qmp0,fd=4,server=on,wait=off');
    expect(valueOf(args, '-mon')).toBe('chardev=qmp0,mode=control');
  });

  it('gets the tap as descriptor 3 and reads no boot ROM', () => {
    expect(valueOf(args, '-netdev')).toBe('tap,id=net0,fd=3');
    expect(driverOf(args, 'virtio-net-pci')).toMatchObject({ mac: nic.mac, romfile: '' });
  });

  it('names every layer of the disk with its driver and follows no header', () => {
    const nodes = objectsOf(args, '-blockdev');
    expect(nodes.map((node) => [node['node-name'], node['driver'], node['backing']])).toEqual([
      ['backing0-file', 'file', undefined],
      ['backing0', 'qcow2', null],
      ['disk-file', 'file', undefined],
      ['disk', 'qcow2', 'backing0'],
      ['seed-file', 'file', undefined],
      ['seed', 'raw', undefined],
    ]);
  });

  it("writes to the instance's own disk only", () => {
    const writable = objectsOf(args, '-blockdev').filter((node) => node['read-only'] !== true);
    expect(writable.map((node) => node['node-name'])).toEqual(['disk-file', 'disk']);
    expect(writable.every((node) => node['discard'] === 'unmap')).toBe(true);
  });

  it('chains several backing files, the lowest first', () => {
    const deep = commandLine({ ...spec, disks: [{ ...disk, path: '/d', backingPaths: ['/near', '/far'] }] });
    expect(
      objectsOf(deep, '-blockdev')
        .slice(0, 6)
        .map((node) => node['filename'] ?? node['backing']),
    ).toEqual(['/far', null, '/near', 'backing1', '/d', 'backing0']);
  });

  it('has no backing at all where none is named', () => {
    expect(
      objectsOf(commandLine({ ...spec, disks: [{ ...disk, path: '/d', backingPaths: [] }] }), '-blockdev')[1],
    ).toMatchObject({
      'node-name': 'disk',
      backing: null,
    });
  });

  it('shows disk and seed as virtio-blk in this order, whatever their file names hold', () => {
    const hostile = '/tmp/a,b=c,id=x"{}\\ é\n.iso';
    const devices = objectsOf(args, '-device').filter((device) => device['driver'] === 'virtio-blk-pci');
    expect(devices.map((device) => device['drive'])).toEqual(['disk', 'seed']);
    expect(devices[0]).toMatchObject({ werror: 'stop', rerror: 'stop' });
    expect(
      objectsOf(commandLine({ ...spec, cdrom: { ...spec.cdrom, path: hostile } }), '-blockdev').at(-2),
    ).toMatchObject({
      filename: hostile,
    });
  });

  it('gives unused memory back and has entropy', () => {
    expect(driverOf(args, 'virtio-balloon-pci')).toMatchObject({ 'free-page-reporting': true });
    expect(driverOf(args, 'virtio-rng-pci')).toMatchObject({ rng: 'rng0' });
  });

  it('puts every PCI device on a slot of its own', () => {
    const slots = objectsOf(args, '-device').flatMap((device) =>
      typeof device['addr'] === 'string' ? [device['addr']] : [],
    );
    expect(new Set(slots).size).toBe(slots.length);
  });

  it('has the CPUs and whole mebibytes of memory of its specification', () => {
    expect(valueOf(args, '-smp')).toBe('cpus=2,sockets=1,cores=2,threads=1');
    expect(valueOf(commandLine({ ...spec, memoryBytes: 512 * 1024 ** 2 + 5 }), '-m')).toBe('512M');
    expect(valueOf(args, '-uuid')).toBe(spec.uuid);
    expect(valueOf(args, '-rtc')).toBe('base=utc');
    expect(args).not.toContain('-pidfile');
    expect(valueOf(args, '-add-fd')).toBe('fd=6,set=1');
  });

  it('boots from its disk unless a kernel is given', () => {
    expect(args).not.toContain('-kernel');
    const direct = commandLine({ ...spec, kernel });
    expect([valueOf(direct, '-kernel'), valueOf(direct, '-initrd'), valueOf(direct, '-append')]).toEqual([
      kernel.kernelPath,
      kernel.initrdPath,
      kernel.commandLine,
    ]);
  });
});

describe('a machine of one disk and one NIC', () => {
  /** Every device of the first version and where it was; guests know theirs by it. */
  it('has each device where it always was', () => {
    const places = objectsOf(commandLine({ ...spec, shareSlots: 1 }), '-device').map((device) => [
      device['id'],
      device['bus'],
      device['addr'],
    ]);
    expect(places).toEqual([
      ['disk-device0', 'pcie.0', '0x1'],
      ['seed-device0', 'pcie.0', '0x2'],
      ['nic0', 'pcie.0', '0x3'],
      ['rng-device0', 'pcie.0', '0x4'],
      ['balloon0', 'pcie.0', '0x5'],
      ['panic0', undefined, undefined],
      ['slot0', 'pcie.0', '0x7.0x0'],
      ['ports', 'pcie.0', '0x8'],
    ]);
  });

  it('boots from its disk alone', () => {
    const indexes = objectsOf(commandLine(spec), '-device').flatMap(({ id, bootindex }) =>
      bootindex === undefined ? [] : [[id, bootindex]],
    );
    expect(indexes).toEqual([['disk-device0', 1]]);
  });
});

describe('a machine of more', () => {
  const data = {
    ...disk,
    id: 'data',
    path: '/data.raw',
    format: 'raw',
    backingPaths: [],
    isReadOnly: true,
    place: { bus: 'pcie.0', slot: 9 },
  } as const;
  const layered = { ...disk, id: 'old', backingPaths: ['/near', '/far'], place: { bus: 'slot3', slot: 0 } };
  const second = { ...nic, id: 'nic1', tap: 'bt-more', place: { bus: 'pcie.0', slot: 10 } };
  const third = { ...nic, id: 'nic2', place: { bus: 'pcie.0', slot: 17 } };
  const args = commandLine({
    ...spec,
    disks: [disk, data, layered],
    nics: [nic, second, third],
    bootOrder: ['data', 'disk', 'nic1'],
  });

  it('has each disk by its own names, format and rights', () => {
    const nodes = objectsOf(args, '-blockdev').map((node) => [
      node['node-name'],
      node['driver'],
      node['backing'],
      node['read-only'],
    ]);
    expect(nodes).toEqual([
      ['backing0-file', 'file', undefined, true],
      ['backing0', 'qcow2', null, true],
      ['disk-file', 'file', undefined, undefined],
      ['disk', 'qcow2', 'backing0', undefined],
      ['data-file', 'file', undefined, true],
      ['data', 'raw', undefined, true],
      ['old-backing1-file', 'file', undefined, true],
      ['old-backing1', 'qcow2', null, true],
      ['old-backing0-file', 'file', undefined, true],
      ['old-backing0', 'qcow2', 'old-backing1', true],
      ['old-file', 'file', undefined, undefined],
      ['old', 'qcow2', 'old-backing0', undefined],
      ['seed-file', 'file', undefined, true],
      ['seed', 'raw', undefined, true],
    ]);
  });

  it('has disks and NICs where the specification says, and boots in its order', () => {
    const devices = objectsOf(args, '-device').filter(({ driver }) => /^virtio-(blk|net)/.test(String(driver)));
    expect(devices.map(({ id, bus, addr, bootindex }) => [id, bus, addr, bootindex])).toEqual([
      ['disk-device0', 'pcie.0', '0x1', 2],
      ['data-device0', 'pcie.0', '0x9', 1],
      ['old-device0', 'slot3', '0x0', undefined],
      ['seed-device0', 'pcie.0', '0x2', undefined],
      ['nic0', 'pcie.0', '0x3', undefined],
      ['nic1', 'pcie.0', '0xa', 3],
      ['nic2', 'pcie.0', '0x11', undefined],
    ]);
    expect(devices.filter(({ netdev }) => netdev !== undefined).map(({ romfile }) => romfile)).toEqual([
      '',
      undefined,
      '',
    ]);
  });

  it('gets a tap for each NIC beside the descriptors that have their numbers', () => {
    expect(valuesOf(args, '-netdev')).toEqual(['tap,id=net0,fd=3', 'tap,id=net1,fd=7', 'tap,id=net2,fd=8']);
    expect(passedDescriptors([20, 21, 22], { qmp: 10, serial: 11 })).toEqual([20, 10, 11, 11, 21, 22]);
    expect(passedDescriptors([20], { qmp: 10, serial: 11 })).toEqual([20, 10, 11]);
  });

  it('refuses a disk of a format that a later version brought', () => {
    const later = { ...disk, format: 'vmdk' as LaterValue };
    expect(() => commandLine({ ...spec, disks: [later] })).toThrow(
      expect.objectContaining({ code: 'record.later-value' }),
    );
  });

  it('can have more processors and memory while it runs', () => {
    const growing = commandLine({ ...spec, maxCpus: 6, memorySlots: { count: 2, maxBytes: 2 * 1024 ** 3 } });
    expect(valueOf(growing, '-smp')).toBe('cpus=2,maxcpus=6,sockets=1,cores=6,threads=1');
    expect(valueOf(growing, '-m')).toBe('512M,slots=2,maxmem=2048M');
  });

  it('has what the host gives it at its place: a group is one slot', () => {
    const hardware = {
      ...spec.hardware,
      hostDisks: [
        { path: '/dev/sdb', isReadOnly: true, place: { bus: 'pcie.0', slot: 11 } },
        { path: '/dev/sdc', isReadOnly: true },
      ],
      vfioGroups: [
        { group: 7, place: { bus: 'pcie.0', slot: 12 } },
        { group: 8, place: { bus: 'pcie.0', slot: 13 } },
      ],
    };
    const pciDevices = [
      { group: 8, address: '0000:01:00.0' },
      { group: 7, address: '0000:02:00.0' },
      { group: 8, address: '0000:01:00.1' },
    ];
    const host = { hasSeccomp: true, hugepages: undefined, pciDevices };
    const devices = objectsOf(commandLine({ ...spec, hardware }, host), '-device');
    expect(devices.filter(({ id }) => String(id).startsWith('host-disk')).map(({ bus, addr }) => [bus, addr])).toEqual([
      ['pcie.0', '0xb'],
      [undefined, undefined],
    ]);
    expect(devices.filter(({ driver }) => driver === 'vfio-pci')).toEqual([
      { driver: 'vfio-pci', host: '0000:02:00.0', bus: 'pcie.0', addr: '0xc' },
      { driver: 'vfio-pci', host: '0000:01:00.0', bus: 'pcie.0', addr: '0xd.0x0', multifunction: true },
      { driver: 'vfio-pci', host: '0000:01:00.1', bus: 'pcie.0', addr: '0xd.0x1' },
    ]);
    const nine = Array.from({ length: 9 }, (_, index) => ({ group: 7, address: `0000:02:00.${index}` }));
    expect(() => commandLine({ ...spec, hardware }, { ...host, pciDevices: nine })).toThrow(
      expect.objectContaining({ code: 'hardware.unavailable' }),
    );
  });
});

describe('x86-64', () => {
  it('is a pinned q35 with the legacy left out', () => {
    expect(valueOf(commandLine(spec), '-machine')).toMatch(/^pc-q35-\d+\.\d+,/);
    expect(valueOf(commandLine(spec), '-machine')).toContain('hpet=off');
  });

  it("is emulated by several threads with a bounded buffer, or runs on the host's own processor", () => {
    expect(valueOf(commandLine(spec), '-accel')).toBe('tcg,thread=multi,tb-size=256');
    expect(valueOf(commandLine(spec), '-cpu')).toBe('max,la57=off');
    const kvm = commandLine({
      ...spec,
      accelerator: 'kvm',
      stamp: { ...spec.stamp, cpuModel: cpuModel('x86_64', 'kvm') },
    });
    expect([valueOf(kvm, '-accel'), valueOf(kvm, '-cpu')]).toEqual(['kvm', 'host']);
  });
});

describe('arm64', () => {
  const arm = {
    ...spec,
    architecture: 'aarch64' as const,
    stamp: { machineType: machineType('aarch64'), cpuModel: cpuModel('aarch64', 'tcg') },
  };

  it('is a pinned virt machine that starts by UEFI', () => {
    const args = commandLine(arm);
    expect(valueOf(args, '-machine')).toMatch(/^virt-\d+\.\d+,/);
    expect(valueOf(args, '-bios')).toBe('/usr/share/qemu-efi-aarch64/QEMU_EFI.fd');
    expect(valueOf(args, '-cpu')).toBe('max,pauth-impdef=on');
    expect(driverOf(args, 'pvpanic-pci')).toBeDefined();
    expect(driverOf(args, 'pvpanic')).toBeUndefined();
  });

  it('needs no firmware for a kernel, and has nothing of a PC', () => {
    const args = commandLine({ ...arm, kernel });
    expect(args).not.toContain('-bios');
    expect(args).not.toContain('-boot');
    expect(args.join(' ')).not.toMatch(/hpet|smm|vmport|isa-/);
  });

  it("takes the host's interrupt controller under KVM", () => {
    expect(valueOf(commandLine({ ...arm, accelerator: 'kvm' }), '-machine')).toContain('gic-version=host');
  });
});

describe('ports', () => {
  it('are plugged into a controller that every machine has, at an address of its own', () => {
    const devices = commandLine({ ...spec, shareSlots: 8 })
      .filter((text) => text.startsWith('{"driver"'))
      .map((text) => JSON.parse(text) as { driver: string; addr?: string });
    expect(devices.find(({ driver }) => driver === 'virtio-serial-pci')).toMatchObject({
      id: 'ports',
      bus: 'pcie.0',
      addr: '0x8',
    });
    expect(devices.filter(({ addr }) => addr?.startsWith('0x8'))).toHaveLength(1);
  });
});

describe('slots for file systems', () => {
  it("come with memory that can be handed over, all of the machine's", () => {
    const args = commandLine({ ...spec, shareSlots: 3 });
    expect(valueOf(args, '-machine')).toContain('memory-backend=memory0');
    const memory = args
      .filter((_, index) => args[index - 1] === '-object')
      .map((text) => JSON.parse(text) as { id: string })
      .find(({ id }) => id === 'memory0');
    expect(memory).toMatchObject({ 'qom-type': 'memory-backend-memfd', size: spec.memoryBytes, share: true });
    expect(
      args.filter((text) => text.includes('pcie-root-port')).map((text) => (JSON.parse(text) as { id: string }).id),
    ).toEqual(['slot0', 'slot1', 'slot2']);
  });

  it('are absent where nobody serves any', () => {
    expect(commandLine(spec).join(' ')).not.toMatch(/memfd|memory-backend|pcie-root-port/);
  });
});
