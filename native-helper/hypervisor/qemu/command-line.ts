// SPDX-License-Identifier: MIT
import { architecture } from '#contract/images.ts';
import { mebibyte } from '#contract/units.ts';
import { sentence } from '#messages/say.ts';
import { requireKnown } from '../../core/require-known.ts';
import type { MachineSpec } from '../../core/seams/machine-spec.ts';
import { aarch64Firmware } from '../machine-types.ts';
import { keptSlots } from '../pci-places.ts';
import { blockArguments, hostDiskArguments } from './block-devices.ts';
import { descriptors } from './descriptors.ts';
import { portArguments } from './guest-ports.ts';
import { networkArguments } from './network-devices.ts';
import { optionString } from './option-string.ts';
import { passthroughArguments, type PassedDevice } from './passthrough.ts';
import { rootAddress } from './pci-address.ts';
import { slotArguments } from './share-slots.ts';

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
  readonly pciDevices: readonly PassedDevice[];
}

/** QEMU's arguments for a machine: a pure function of the specification, paused until `cont`. */
export function commandLine(
  spec: MachineSpec,
  host: HostParts = { hasSeccomp: true, hugepages: undefined, pciDevices: [] },
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
    processors(spec),
    '-m',
    memorySize(spec),
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
    ...networkArguments(spec),
    ...otherDevices(spec, host),
    ...hostDiskArguments(spec),
    ...passthroughArguments(spec, host.pciDevices),
    ...slotArguments(spec.shareSlots ?? 0),
    ...portArguments(),
    '-S',
    ...(spec.memory?.loadPath === undefined ? [] : ['-incoming', 'defer']),
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
  const known = requireKnown(spec.architecture, architecture.options, sentence('record.architecture'));
  switch (known) {
    case 'x86_64':
      return [
        '-machine',
        optionString(spec.stamp.machineType, {
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
        spec.stamp.cpuModel,
        '-boot',
        'strict=on,menu=off',
      ];
    case 'aarch64':
      return [
        '-machine',
        optionString(spec.stamp.machineType, { ...common, 'gic-version': spec.accelerator === 'kvm' ? 'host' : 'max' }),
        ...accelerator,
        '-cpu',
        spec.stamp.cpuModel,
        ...(spec.kernel ? [] : ['-bios', aarch64Firmware]),
      ];
    default:
      return known satisfies never;
  }
}

/** Those that may come later are cores of the same socket, empty until then. */
function processors({ cpus, maxCpus }: MachineSpec): string {
  return optionString('', {
    cpus,
    ...(maxCpus > cpus ? { maxcpus: maxCpus } : {}),
    sockets: 1,
    cores: Math.max(cpus, maxCpus),
    threads: 1,
  });
}

function memorySize(spec: MachineSpec): string {
  const { memorySlots } = spec;
  const later = memorySlots ? { slots: memorySlots.count, maxmem: `${wholeMiB(memorySlots.maxBytes)}M` } : {};
  return optionString(`${wholeMiB(spec.memoryBytes)}M`, later);
}

function wholeMiB(bytes: number): number {
  return Math.floor(bytes / mebibyte);
}

function kernel({ kernel: direct }: MachineSpec): string[] {
  return direct ? ['-kernel', direct.kernelPath, '-initrd', direct.initrdPath, '-append', direct.commandLine] : [];
}

/**
 * Memory of a kind of its own. On the host's huge pages it is a file without a name, full or QEMU does not start. What
 * serves a file system reads and writes the guest's memory itself, so then it is one that can be handed over.
 */
function memory(spec: MachineSpec, { hugepages }: HostParts): string[] {
  const common = { id: memoryId, size: wholeMiB(spec.memoryBytes) * mebibyte, share: Boolean(spec.shareSlots) };
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

function otherDevices(spec: MachineSpec, { hugepages }: HostParts): string[] {
  return [
    '-object',
    JSON.stringify({ 'qom-type': 'rng-random', id: 'rng0', filename: '/dev/urandom' }),
    '-device',
    JSON.stringify({ driver: 'virtio-rng-pci', id: 'rng-device0', rng: 'rng0', ...rootAddress(keptSlots.rng) }),
    '-device',
    JSON.stringify({
      driver: 'virtio-balloon-pci',
      id: 'balloon0',
      'free-page-reporting': hugepages === undefined,
      ...rootAddress(keptSlots.balloon),
    }),
    '-device',
    JSON.stringify(
      spec.architecture === 'x86_64'
        ? { driver: 'pvpanic', id: 'panic0' }
        : { driver: 'pvpanic-pci', id: 'panic0', ...rootAddress(keptSlots.panic) },
    ),
  ];
}
