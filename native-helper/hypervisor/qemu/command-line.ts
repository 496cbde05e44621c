// SPDX-License-Identifier: MIT
import { architecture } from '#contract/images.ts';
import { mebibyte } from '#contract/units.ts';
import { requireKnown } from '../../core/require-known.ts';
import type { MachineSpec } from '../../core/seams/hypervisor.ts';
import { aarch64Firmware, machineType } from '../machine-types.ts';
import { blockArguments, hostDiskArguments } from './block-devices.ts';
import { portArguments } from './guest-ports.ts';
import { optionString } from './option-string.ts';
import { slotArguments } from './share-slots.ts';

/** What QEMU is started with, by number: as the launcher hands it on. The last is opened by the launcher itself. */
export const descriptors = { tap: 3, qmp: 4, serial: 5, consoleLog: 6 } as const;
/** QEMU takes no descriptor for a log, but a name that stands for one (qemu-options, -add-fd). */
const consoleSet = 1;
/**
 * What QEMU may keep of translated code. The default, an eighth of the host's memory, is too much for many machines.
 */
const translationBufferMiB = 256;

const memoryId = 'memory0';

/** What the host has for a machine, beyond its specification. */
export interface HostParts {
  readonly hasSeccomp: boolean;
  /** Where its memory of huge pages is. */
  readonly hugepages: string | undefined;
  /** PCI devices that are passed through. */
  readonly pciAddresses: readonly string[];
}

/** QEMU's arguments for a machine: a pure function of the specification, paused until `cont`. */
export function commandLine(
  spec: MachineSpec,
  host: HostParts = { hasSeccomp: true, hugepages: undefined, pciAddresses: [] },
): string[] {
  return [
    '-nodefaults',
    '-no-user-config',
    '-name',
    optionString('', { guest: spec.instance, 'debug-threads': 'on' }),
    '-uuid',
    spec.uuid,
    ...platform(spec, host),
    '-smp',
    optionString('', { cpus: spec.cpus, sockets: 1, cores: spec.cpus, threads: 1 }),
    '-m',
    `${memoryMiB(spec)}M`,
    '-rtc',
    'base=utc',
    ...(host.hasSeccomp ? ['-sandbox', 'on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny'] : []),
    '-display',
    'none',
    '-msg',
    'timestamp=on',
    // a guest that panics follows its own panic= setting; the event tells us
    '-action',
    'panic=none',
    ...kernel(spec),
    ...sockets(),
    ...memory(spec, host),
    ...blockArguments(spec),
    ...network(spec),
    ...otherDevices(spec, host),
    ...hostDiskArguments(spec),
    ...host.pciAddresses.flatMap((address) => ['-device', JSON.stringify({ driver: 'vfio-pci', host: address })]),
    ...slotArguments(spec.shareSlots ?? 0),
    ...portArguments(),
    '-S',
    ...(spec.security?.qemu.args ?? []),
  ];
}

function platform(spec: MachineSpec, { hugepages }: HostParts): string[] {
  const accelerator =
    spec.accelerator === 'kvm'
      ? ['-accel', 'kvm']
      : ['-accel', optionString('tcg', { thread: 'multi', 'tb-size': translationBufferMiB })];
  const common = {
    'dump-guest-core': 'off',
    ...(hugepages === undefined && !spec.shareSlots ? {} : { 'memory-backend': memoryId }),
  };
  const known = requireKnown(spec.architecture, architecture.options, 'architecture');
  switch (known) {
    case 'x86_64':
      return [
        '-machine',
        optionString(machineType('x86_64'), {
          ...common,
          usb: 'off',
          vmport: 'off',
          smm: 'off',
          hpet: 'off',
          sata: 'off',
          smbus: 'off',
          graphics: 'off',
        }),
        ...accelerator,
        // five-level page tables only make every TLB miss of an emulated CPU dearer
        '-cpu',
        spec.accelerator === 'kvm' ? 'host' : 'max,la57=off',
        '-boot',
        'strict=on,menu=off',
      ];
    case 'aarch64':
      return [
        '-machine',
        optionString(machineType('aarch64'), { ...common, 'gic-version': spec.accelerator === 'kvm' ? 'host' : 'max' }),
        ...accelerator,
        // the architected pointer authentication costs an emulated CPU half its time
        '-cpu',
        spec.accelerator === 'kvm' ? 'host' : 'max,pauth-impdef=on',
        ...(spec.kernel ? [] : ['-bios', aarch64Firmware]),
      ];
    default:
      return known satisfies never;
  }
}

function memoryMiB({ memoryBytes }: MachineSpec): number {
  return Math.floor(memoryBytes / mebibyte);
}

function kernel({ kernel: direct }: MachineSpec): string[] {
  return direct ? ['-kernel', direct.kernelPath, '-initrd', direct.initrdPath, '-append', direct.commandLine] : [];
}

/**
 * Memory of a kind of its own. On the host's huge pages it is a file without a name, full or QEMU does not start. What
 * serves a file system reads and writes the guest's memory itself, so then it is one that can be handed over.
 */
function memory(spec: MachineSpec, { hugepages }: HostParts): string[] {
  const common = { id: memoryId, size: memoryMiB(spec) * mebibyte, share: Boolean(spec.shareSlots) };
  if (hugepages !== undefined)
    return ['-object', JSON.stringify({ 'qom-type': 'memory-backend-file', ...common, 'mem-path': hugepages })];
  return spec.shareSlots ? ['-object', JSON.stringify({ 'qom-type': 'memory-backend-memfd', ...common })] : [];
}

/** QEMU itself records every byte of the serial port, so none is lost while no helper lives. */
function sockets(): string[] {
  const server = { server: 'on', wait: 'off' };
  return [
    '-add-fd',
    optionString('', { fd: descriptors.consoleLog, set: consoleSet }),
    '-chardev',
    optionString('socket', { id: 'qmp0', fd: descriptors.qmp, ...server }),
    '-mon',
    'chardev=qmp0,mode=control',
    '-chardev',
    optionString('socket', {
      id: 'serial0',
      fd: descriptors.serial,
      ...server,
      logfile: `/dev/fdset/${consoleSet}`,
      logappend: 'on',
    }),
    '-serial',
    'chardev:serial0',
  ];
}

function network(spec: MachineSpec): string[] {
  return [
    '-netdev',
    optionString('tap', {
      id: 'net0',
      fd: descriptors.tap,
      ...(spec.security?.usesVhostNet ? { vhost: 'on', vhostforce: 'on' } : {}),
    }),
    // no boot ROM: reading it and offering PXE costs time at every start
    '-device',
    JSON.stringify({
      driver: 'virtio-net-pci',
      id: 'nic0',
      netdev: 'net0',
      mac: spec.nic.mac,
      romfile: '',
      bus: 'pcie.0',
      addr: '0x3',
    }),
  ];
}

function otherDevices(spec: MachineSpec, { hugepages }: HostParts): string[] {
  return [
    '-object',
    JSON.stringify({ 'qom-type': 'rng-random', id: 'rng0', filename: '/dev/urandom' }),
    '-device',
    JSON.stringify({ driver: 'virtio-rng-pci', id: 'rng-device0', rng: 'rng0', bus: 'pcie.0', addr: '0x4' }),
    '-device',
    JSON.stringify({
      driver: 'virtio-balloon-pci',
      id: 'balloon0',
      'free-page-reporting': hugepages === undefined,
      bus: 'pcie.0',
      addr: '0x5',
    }),
    '-device',
    JSON.stringify(
      spec.architecture === 'x86_64'
        ? { driver: 'pvpanic', id: 'panic0' }
        : { driver: 'pvpanic-pci', id: 'panic0', bus: 'pcie.0', addr: '0x6' },
    ),
  ];
}
