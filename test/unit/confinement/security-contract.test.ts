// SPDX-License-Identifier: MIT
import { describe, expect, it } from 'vitest';
import { setSecurityParams } from '#contract/security.ts';
import { machineAccess } from '../../../native-helper/confinement/machine-access.ts';
import { qemuMachineProfile } from '../../../native-helper/confinement/profiles/qemu-machine.ts';
import { accessEntries } from '../../../native-helper/confinement/access-entries.ts';
import { foldersOf } from '../../../native-helper/confinement/grants/file-access.ts';
import { commandLine } from '../../../native-helper/hypervisor/qemu/command-line.ts';
import { machineSecurity } from '../../../native-helper/instances/security/machine-settings.ts';
import { strictSettings } from '../../../native-helper/instances/security/security-settings.ts';
import { spec } from '../hypervisor/spec.ts';

const parse = (rest: object) => setSecurityParams.safeParse({ name: 'a', ...rest });

describe('what can be set on one machine', () => {
  it.each(['namespaces', 'seccomp', 'seccomp_sandbox', 'cgroups', 'cgroup_device_acl', 'hasSeccomp'])(
    'is no switch for %s',
    (key) => {
      expect(parse({ [key]: false }).success).toBe(false);
      expect(parse({ qemu: { [key]: [] } }).success).toBe(false);
    },
  );

  it.each(['-sandbox', '--sandbox', '-runas', '-run-with', '-chroot', '-daemonize', '-readconfig', 'a\0b', 'a\nb'])(
    'is not the argument %j',
    (argument) => {
      expect(parse({ qemu: { args: ['-name', 'x', argument, 'off'] } }).success).toBe(false);
    },
  );

  it('are arguments as they are, each an entry', () => {
    expect(parse({ qemu: { args: ['-newarg', 'parameter', 'sandbox'] } }).data?.qemu?.args).toEqual([
      '-newarg',
      'parameter',
      'sandbox',
    ]);
  });

  it('is an environment in both forms, kept in one', () => {
    const canonical = { ID: 'wibble', BAR: '', EQ: 'a=b' };
    expect(parse({ qemu: { env: ['ID=wibble', 'BAR', 'EQ=a=b'] } }).data?.qemu?.env).toEqual(canonical);
    expect(parse({ qemu: { env: canonical } }).data?.qemu?.env).toEqual(canonical);
  });

  it.each(['LD_PRELOAD', 'LD_LIBRARY_PATH', 'GLIBC_TUNABLES', 'GCONV_PATH', '1A', 'A B', ''])(
    'is not the variable %j',
    (name) => {
      expect(parse({ qemu: { env: { [name]: 'x' } } }).success).toBe(false);
      expect(parse({ qemu: { env: [`${name}=x`] } }).success).toBe(false);
    },
  );
});

describe('what is given to a machine', () => {
  const at = { grantedBy: 1000, grantedAt: '2026-01-01T00:00:00.000Z' } as const;
  const grants = [
    { path: '/home/mia/disc 1.iso', mode: 'r', kind: 'file', ...at },
    { path: '/home/mia/data.img', mode: 'rw', kind: 'file', ...at },
    { path: '/dev/sdb', mode: 'r', kind: 'device', ...at },
  ] as const;
  const machine = {
    ...spec,
    security: {
      ...machineSecurity(strictSettings),
      grants: [...grants],
      qemu: { args: ['-cdrom', '/home/mia/disc 1.iso'], env: {} },
    },
  };
  const access = machineAccess(machine, '/usr/bin/qemu-system-x86_64', []);

  it('is in rule, /dev and list alike, with its mode', () => {
    const rules = qemuMachineProfile(access)
      .text.split('\n')
      .map((rule) => rule.trim());
    expect(rules).toEqual(
      expect.arrayContaining(['"/home/mia/disc 1.iso" rk,', '"/home/mia/data.img" rwk,', '"/dev/sdb" rk,']),
    );
    expect(access.devices).toEqual([{ name: 'sdb', mode: 'r', purpose: 'granted' }]);
    expect(accessEntries(access).filter(({ purpose }) => purpose === 'granted')).toEqual([
      { purpose: 'granted', what: '/home/mia/disc 1.iso', mode: 'r' },
      { purpose: 'granted', what: '/home/mia/data.img', mode: 'rw' },
      { purpose: 'granted', what: '/dev/sdb', mode: 'r' },
    ]);
  });

  it('leaves the filter of system calls in place; arguments come at the very end', () => {
    const args = commandLine(machine);
    expect(args.slice(-2)).toEqual(['-cdrom', '/home/mia/disc 1.iso']);
    expect(args).toContain('on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny');
  });
});

describe('hardware of the host', () => {
  const hardware = {
    usesVhostNet: true,
    usesHugepages: true,
    vfioGroups: [{ group: 7, place: { bus: 'pcie.0', slot: 10 } }],
    hostDisks: [{ path: '/dev/sdb', isReadOnly: true, place: { bus: 'pcie.0', slot: 9 } }],
  };
  const machine = { ...spec, hardware };
  const device = { group: 7, address: '0000:01:00.0' };
  const host = {
    devices: [],
    accounts: {},
    pciDevices: [{ ...device, directory: '/sys/devices/pci0000:00/0000:01:00.0' }],
    hugepages: '/dev/hugepages/berth/amber-fox.a1',
  };
  const access = machineAccess(machine, '/usr/bin/qemu-system-x86_64', [], host);

  it('is off for every instance until somebody turns it on', () => {
    const plain = machineAccess(spec, '/usr/bin/qemu-system-x86_64', []);
    expect([plain.devices, plain.pciDevices, plain.hugepages, plain.lockedBytes]).toEqual([[], [], undefined, 0]);
    expect(qemuMachineProfile(plain).text).not.toMatch(/vfio|vhost|hugepages|\/sys\/bus\/pci/);
    expect(commandLine(spec).join(' ')).not.toMatch(/vfio|vhost|memory-backend|host_device/);
  });

  it('is in /dev, rules and limits alike', () => {
    expect(access.devices).toEqual([
      { name: 'vhost-net', mode: 'rw', purpose: 'device' },
      { name: 'vfio/vfio', mode: 'rw', purpose: 'passthrough' },
      { name: 'vfio/7', mode: 'rw', purpose: 'passthrough' },
      { name: 'sdb', mode: 'r', purpose: 'block-device' },
    ]);
    const rules = qemuMachineProfile(access)
      .text.split('\n')
      .map((rule) => rule.trim());
    expect(rules).toEqual(
      expect.arrayContaining([
        '"/dev/vhost-net" rw,',
        '/sys/module/vhost/parameters/max_mem_regions r,',
        '"/dev/vfio/7" rwk,',
        '"/sys/devices/pci0000:00/0000:01:00.0/{,**}" r,',
        '"/dev/sdb" rk,',
        'owner "/dev/hugepages/berth/amber-fox.a1/*" rwk,',
      ]),
    );
    expect(access.lockedBytes).toBe(spec.memoryBytes + 1024 ** 3);
  });

  it('is what QEMU is told', () => {
    const line = commandLine(machine, {
      hasSeccomp: true,
      hugepages: host.hugepages,
      pciDevices: [device],
    }).join(' ');
    for (const part of [
      'vhost=on',
      'memory-backend=memory0',
      '"mem-path":"/dev/hugepages/berth/amber-fox.a1"',
      '"driver":"vfio-pci","host":"0000:01:00.0"',
      '"driver":"host_device"',
      '"free-page-reporting":false',
    ])
      expect(line).toContain(part);
  });
});

it('knows the folders on the way to a file', () => {
  expect(foldersOf('/home/mia/x/disc.iso')).toEqual(['/home', '/home/mia', '/home/mia/x']);
  expect(foldersOf('/disc.iso')).toEqual([]);
});
