// SPDX-License-Identifier: MIT
import { beforeAll, describe, expect, it } from 'vitest';
import { Policy } from '../../support/apparmor/policy.ts';
import { sampleProfiles, type SampleName } from '../../support/apparmor/sample-profiles.ts';

/**
 * Questions to the compiled state machines, answered as the kernel would. Expected answers are written by hand, never
 * generated.
 */

const policies = new Map<SampleName, Policy>();
beforeAll(async () => {
  for (const [name, { text }] of Object.entries(sampleProfiles))
    policies.set(name as SampleName, await Policy.compile(text));
});

const own = '/var/lib/berth/instances/amber-fox';
const other = '/var/lib/berth/instances/blue-owl';
const network = '/run/berth/network';
const folder = '/home/mia/My Project {x}';
const conversion = '/var/lib/berth/images/.new-1/convert';
const loader = '/usr/lib/x86_64-linux-gnu/libc.so.6';

const files: Readonly<
  Record<
    string,
    { readonly of: SampleName; readonly child?: string; readonly answers: Readonly<Record<string, string>> }
  >
> = {
  "a machine's own files": {
    of: 'machine',
    answers: {
      [`${own}/disk.qcow2`]: 'rwak',
      [`${own}/seed.iso`]: 'rk',
      '/var/lib/berth/images/abc/disk.qcow2': 'rk',
      [`${own}/qemu.log`]: 'wa',
      [`${own}/console/boot-0001.log`]: 'wa',
      '/run/berth/machines/a1/qmp.sock': '',
      '/run/berth/machines/a1/serial.sock': '',
      '/run/berth/machines/a1/qemu.pid': '',
      '/run/berth/machines/a1/process.json': '',
      '/dev/net/tun': 'rwa',
      '/dev/null': 'rwa',
      '/dev/zero': 'rwa',
      '/dev/urandom': 'r',
      '/dev/random': 'r',
      '/etc/ld.so.cache': 'r',
      [loader]: 'rm',
      '/usr/bin/qemu-system-x86_64': 'rm',
      '/usr/share/seabios/bios.bin': 'r',
      '/usr/share/qemu/keymaps/de': 'r',
      '/usr/lib/x86_64-linux-gnu/qemu/accel-tcg-x86_64.so': 'rm',
      '/etc/localtime': 'r',
    },
  },
  "what is not a machine's": {
    of: 'machine',
    answers: {
      [`${other}/disk.qcow2`]: '',
      [`${other}/seed.iso`]: '',
      [`${other}/qemu.log`]: '',
      [`${own}/secrets.json`]: '',
      [`${own}/instance.json`]: '',
      [`${own}/disk.qcow2x`]: '',
      [`${own}/`]: '',
      [own]: '',
      [`${own}/console/boot-0002.log`]: '',
      '/var/lib/berth/images/abd/disk.qcow2': '',
      '/run/berth/machines/a2/qmp.sock': '',
      '/run/berth/helper.sock': '',
      '/run/berth/stream.sock': '',
      '/run/berth/machines/a1/': '',
      '/etc/passwd': '',
      '/etc/shadow': '',
      '/etc/hosts': '',
      '/root/.ssh/id_ed25519': '',
      '/home/mia/x': '',
      '/dev/kvm': '',
      '/dev/sda': '',
      '/dev/mem': '',
      '/dev/fuse': '',
      '/dev/kmsg': '',
      '/dev/vhost-net': '',
      '/dev/vfio/vfio': '',
      '/dev/loop-control': '',
      '/dev/ptmx': '',
      '/proc/1/environ': '',
      '/proc/1/cmdline': '',
      '/proc/1/mem': '',
      '/sys/kernel/security/apparmor/.replace': '',
      '/sys/fs/cgroup/cgroup.procs': '',
      '/sys/bus/usb/devices/': '',
      '/dev/bus/usb/001/001': '',
      '/run/dbus/system_bus_socket': '',
      '/run/docker.sock': '',
      '/tmp/x': '',
      '/var/run/x': '',
      '/boot/vmlinuz': '',
      '/usr/bin/qemu-system-aarch64': '',
      '/bin/sh': '',
      '/usr/bin/dash': '',
      '/usr/bin/python3': '',
      '/usr/lib/openssh/sftp-server': '',
      '/proc/self/attr/apparmor/exec': '',
    },
  },
  'a machine with a kernel of its own': {
    of: 'machineWithKernel',
    answers: {
      '/var/lib/berth/images/abc/kernel': 'rk',
      '/var/lib/berth/images/abc/initrd': 'rk',
      '/var/lib/berth/images/abc/image.json': '',
    },
  },
  'a machine under KVM': {
    of: 'machineWithKvm',
    answers: { '/dev/kvm': 'rwa', '/dev/vhost-net': '', '/dev/kvm2': '' },
  },
  'a machine that folders are plugged into': {
    of: 'machine',
    answers: {
      '/run/berth/machines/a1/share-0badcafe.sock': '',
      '/run/berth/shares/0badcafe.sock': '',
      '/run/berth/machines/a2/share-0badcafe.sock': '',
      '/run/berth/machines/a1/share-x.sock': '',
      '/run/berth/machines/a1/shared': '',
      '/run/berth/machines/a1/share-0/x.sock': '',
      '/run/berth/shares/0badcafe.json': '',
      '/home/mia/My Project {x}/a': '',
      '/usr/lib/qemu/virtiofsd': '',
    },
  },
  virtiofsd: {
    of: 'virtiofsd',
    answers: {
      '/share/a.txt': 'rwalk',
      '/share/deep/er/b': 'rwalk',
      '/share/': 'rwa',
      '/shared/a': '',
      '/home/mia/private': '',
      '/etc/shadow': '',
      '/etc/passwd': 'r',
      '/run/berth/machines/a1/qmp.sock': '',
      '/run/berth/machines/a1/share-0badcafe.sock': '',
      '/usr/lib/qemu/virtiofsd': 'rmx',
      '/usr/bin/unshare': 'rmx',
      '/usr/bin/setpriv': 'rm',
      '/bin/sh': '',
      '/usr/bin/dash': '',
      '/usr/bin/qemu-system-x86_64': '',
      '/dev/kvm': '',
      '/dev/mem': '',
      '/proc/sys/kernel/core_pattern': '',
      '/proc/1/environ': '',
      '/proc/1/status': 'r',
      '/': '',
      '/etc/': '',
      '/lib/x86_64-linux-gnu/libc.so.6': 'rm',
    },
  },
  'a read-only virtiofsd': {
    of: 'readOnlyVirtiofsd',
    answers: { '/share/a.txt': 'r', '/share/': 'r', '/share/deep/er/b': 'r' },
  },
  'an Arm machine': {
    of: 'armMachine',
    answers: {
      '/usr/share/qemu-efi-aarch64/QEMU_EFI.fd': 'rk',
      '/usr/share/qemu-efi-aarch64/other.fd': '',
      '/usr/bin/qemu-system-aarch64': 'rm',
      '/usr/bin/qemu-system-x86_64': '',
    },
  },
  'a conversion': {
    of: 'conversion',
    answers: {
      [`${conversion}/source`]: 'rk',
      [`${conversion}/converted`]: 'rwak',
      [`${conversion}/other`]: '',
      '/var/lib/berth/images/abc/disk.qcow2': '',
      [`${own}/disk.qcow2`]: '',
      '/etc/passwd': '',
      '/etc/shadow': '',
      '/home/mia/disk.img': '',
      '/dev/sda': '',
      '/dev/kvm': '',
      '/usr/bin/qemu-img': 'rm',
      '/bin/sh': '',
      '/usr/bin/qemu-nbd': '',
      [loader]: 'rm',
    },
  },
  dnsmasq: {
    of: 'dnsmasq',
    answers: {
      [`${network}/dnsmasq.conf`]: 'r',
      [`${network}/hosts`]: 'r',
      [`${network}/leases`]: 'rwa',
      [`${network}/dnsmasq.pid`]: 'rwa',
      [`${network}/dnsmasq.log`]: 'wa',
      [`${network}/lease-events`]: '',
      [`${network}/ip-forward-before`]: '',
      '/etc/resolv.conf': 'r',
      '/etc/passwd': 'r',
      '/etc/shadow': '',
      '/etc/dnsmasq.conf': '',
      '/var/lib/berth/lease-event': 'x',
      '/bin/sh': '',
      [`${own}/disk.qcow2`]: '',
      '/run/dbus/system_bus_socket': '',
      '/dev/net/tun': '',
      '/dev/kvm': '',
    },
  },
  'the lease script': {
    of: 'dnsmasq',
    child: 'lease-event',
    answers: {
      [`${network}/lease-events`]: 'rwa',
      [`${network}/leases`]: '',
      '/bin/sh': 'rmx',
      '/usr/bin/wc': 'rmx',
      '/usr/bin/python3': '',
      '/etc/passwd': '',
      '/var/lib/berth/network.json': '',
    },
  },
  'a share': {
    of: 'share',
    answers: {
      [`${folder}/a.txt`]: 'rwalk',
      [`${folder}/deep/er/b`]: 'rwalk',
      [`${folder}/`]: 'rwa',
      '/home/mia/My Project x/a': '',
      '/home/mia/private': '',
      '/home/mia/': '',
      '/home/mia/My Project {x}.old/a': '',
      '/etc/shadow': '',
      '/usr/lib/openssh/sftp-server': 'rm',
      '/bin/sh': '',
      '/dev/kvm': '',
      [`${own}/disk.qcow2`]: '',
    },
  },
  'a read-only share': {
    of: 'readOnlyShare',
    answers: { [`${folder}/a.txt`]: 'r', [`${folder}/`]: 'r', '/home/mia/private': '' },
  },
  'the helper': {
    of: 'helper',
    answers: {
      '/usr/local/share/ca-certificates/company.crt': 'r',
      '/etc/ssl/certs/ca-certificates.crt': 'r',
      '/etc/ssl/private/key.pem': '',
      '/sys/kernel/security/apparmor/.replace': 'r',
      '/sys/kernel/security/apparmor/.remove': 'r',
      '/sys/kernel/security/apparmor/profiles': 'r',
      '/etc/apparmor.d/x': 'r',
      '/var/lib/berth/instances/x/disk.qcow2': 'rwalk',
      '/home/mia/x': 'rwak',
      '/root/.ssh/id_ed25519': '',
      '/etc/shadow': '',
      '/etc/sudoers': '',
      '/dev/mem': '',
      '/dev/sda': '',
      '/dev/shm/sda': 'rwa',
      '/usr/bin/python3': '',
      '/usr/bin/dash': 'rmx',
      '/usr/sbin/apparmor_parser': 'x',
      '/usr/sbin/modprobe': 'x',
      '/usr/lib/berth/main.js': 'rm',
    },
  },
  'the helper in a jail': {
    of: 'helper',
    answers: {
      '/old/usr/sbin/chroot': 'rmx',
      '/old/usr/bin/umount': 'rmx',
      '/old/usr/bin/dash': '',
      '/old/etc/shadow': '',
      '/old/home/mia/x': '',
      '/old/sys/kernel/security/apparmor/.replace': '',
      '/usr/bin/ldd': 'x',
    },
  },
  "the helper's search for libraries": {
    of: 'helper',
    child: 'libraries',
    answers: {
      '/usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2': 'rmx',
      '/usr/lib/openssh/sftp-server': 'rm',
      '/usr/sbin/diod': 'rm',
      '/usr/lib/qemu/virtiofsd': 'rm',
      '/bin/sh': 'rmx',
      '/usr/bin/qemu-img': '',
      '/etc/shadow': '',
      '/home/mia/x': '',
      '/var/lib/berth/instances/a/disk.qcow2': '',
    },
  },
  "the helper's parser": {
    of: 'helper',
    child: 'parser',
    answers: {
      '/sys/kernel/security/apparmor/.replace': 'rwa',
      '/sys/kernel/security/apparmor/.remove': 'rwa',
      '/var/lib/berth/profiles/multipass.a.qemu-system-x86_64': 'r',
      '/var/lib/berth/instances/a/disk.qcow2': '',
      '/bin/sh': '',
      '/etc/apparmor.d/abi/3.0': 'r',
    },
  },
  "the helper's programs on its own data": {
    of: 'helper',
    child: 'own-data',
    answers: {
      '/var/lib/berth/instances/a/disk.qcow2': 'rwak',
      '/dev/kvm': 'rwa',
      '/home/mia/x': '',
      '/etc/shadow': '',
      '/dev/sda': '',
      '/bin/sh': '',
      '/sys/kernel/security/apparmor/.replace': '',
    },
  },
  "the helper's image building": {
    of: 'helper',
    child: 'image-build',
    answers: { '/sys/kernel/security/apparmor/.replace': 'rl', '/sys/kernel/security/apparmor/.remove': 'rl' },
  },
  "the helper's kmod": {
    of: 'helper',
    child: 'kmod',
    answers: {
      '/usr/lib/modules/6.1/kernel/x.ko': 'r',
      '/sys/kernel/security/apparmor/.replace': '',
      '/bin/sh': '',
      '/var/lib/berth/instances/a/disk.qcow2': '',
    },
  },
};

describe.each(Object.entries(files))('%s', (_, { of, child, answers }) => {
  it.each(Object.entries(answers))('%s: %j', (path, expected) => {
    expect(policies.get(of)?.file(nameOf(of, child), path)).toBe(expected);
  });
});

describe('links', () => {
  it.each([
    ['inside the folder', `${folder}/new`, `${folder}/old`, true],
    ['to a file outside', `${folder}/new`, '/etc/shadow', false],
    ['from a name outside', '/home/mia/new', `${folder}/old`, false],
  ])('%s', (_, newName, oldName, expected) => {
    expect(policies.get('share')?.link(nameOf('share'), newName, oldName)).toBe(expected);
  });

  it("are none of a machine's rights", () => {
    expect(policies.get('machine')?.link(nameOf('machine'), `${own}/disk.qcow2`, '/etc/shadow')).toBe(false);
  });
});

describe('sockets', () => {
  const families = ['inet', 'inet6', 'netlink', 'packet', 'unix'] as const;
  const expected: Partial<Record<SampleName, readonly boolean[]>> = {
    machine: [false, false, false, false, true],
    conversion: [false, false, false, false, true],
    virtiofsd: [false, false, false, false, true],
    share: [false, false, false, false, true],
    dnsmasq: [true, true, false, false, true],
  };
  it.each(
    Object.entries(expected).flatMap(([name, answers]) =>
      families.map((family, index) => [name as SampleName, family, answers[index] ?? false] as const),
    ),
  )('of %s: %s %s', (name, family, answer) => {
    expect(policies.get(name)?.network(nameOf(name), family, 'stream')).toBe(answer);
  });
});

describe('capabilities', () => {
  const [chown, macAdmin, sysModule, sysAdmin, netBind] = [0, 33, 16, 21, 10]; // linux/capability.h
  it.each(['machine', 'machineWithKvm', 'armMachine', 'conversion', 'share', 'readOnlyShare'] as const)(
    '%s: none',
    (name) => {
      expect(
        Array.from({ length: 41 }, (_, number) => number).filter((number) =>
          policies.get(name)?.hasCapability(nameOf(name), number),
        ),
      ).toEqual([]);
    },
  );
  it.each([
    ['dnsmasq', undefined, netBind, true],
    ['dnsmasq', undefined, sysAdmin, false],
    ['dnsmasq', 'lease-event', chown, false],
    ['virtiofsd', undefined, chown, false],
    ['virtiofsd', undefined, sysModule, false],
    ['virtiofsd', undefined, macAdmin, false],
    ['ninePServer', undefined, chown, false],
    ['helper', undefined, sysAdmin, true],
    ['helper', undefined, sysModule, false],
    ['helper', 'kmod', sysModule, true],
    ['helper', 'kmod', sysAdmin, false],
    ['helper', 'parser', sysAdmin, false],
    ['helper', 'parser', macAdmin, true],
    ['helper', undefined, macAdmin, false],
    ['machine', undefined, macAdmin, false],
  ] as const)('%s %s: number %i %s', (name, child, number, answer) => {
    expect(policies.get(name)?.hasCapability(nameOf(name, child), number)).toBe(answer);
  });
});

describe('signals and inspection', () => {
  it.each([
    ['machine', 'berth-helper', true],
    ['machine', 'unconfined', true],
    ['machine', 'multipass.blue-owl.qemu-system-x86_64', false],
    ['machine', 'firefox', false],
    ['dnsmasq', 'berth-helper', true],
    ['dnsmasq', 'multipass.amber-fox.qemu-system-x86_64', false],
    ['conversion', 'berth-helper', true],
    ['share', 'multipass.amber-fox.qemu-system-x86_64', false],
  ] as const)('%s takes a signal of %s: %s', (name, peer, answer) => {
    expect(policies.get(name)?.signal(nameOf(name), 'receive', 'SIGTERM', peer)).toBe(answer);
  });

  it.each([
    ['machine', 'unconfined', false],
    ['machine', 'berth-helper', false],
    ['helper', 'multipass.a.qemu-system-x86_64', true],
    ['helper', 'unconfined', false],
    ['helper', 'sshd', false],
  ] as const)('%s may send one to %s: %s', (name, peer, answer) => {
    expect(policies.get(name)?.signal(nameOf(name), 'send', 'SIGKILL', peer)).toBe(answer);
  });

  it.each([
    ['machine', 'readby', 'berth-helper', true],
    ['machine', 'readby', 'firefox', false],
    ['machine', 'read', 'berth-helper', false],
    ['machine', 'trace', 'unconfined', false],
    ['helper', 'read', 'multipass.a.qemu-system-x86_64', true],
    ['helper', 'trace', 'sshd', false],
  ] as const)('%s may %s %s: %s', (name, direction, peer, answer) => {
    expect(policies.get(name)?.ptrace(nameOf(name), direction, peer)).toBe(answer);
  });
});

it('nothing complains, and every profile compiles under its name', () => {
  for (const [name, policy] of policies)
    expect(
      policy.names.map((each) => policy.isComplaining(each)),
      name,
    ).toEqual(policy.names.map(() => false));
  expect(policies.get('helper')?.names).toEqual([
    'berth-helper',
    'berth-helper//image-build',
    'berth-helper//kmod',
    'berth-helper//libraries',
    'berth-helper//own-data',
    'berth-helper//parser',
  ]);
});

function nameOf(sample: SampleName, child?: string): string {
  return child === undefined ? sampleProfiles[sample].name : `${sampleProfiles[sample].name}//${child}`;
}
