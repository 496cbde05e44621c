// SPDX-License-Identifier: MIT
import { machineAccess } from '../../../native-helper/confinement/machine-access.ts';
import type { ProfileText } from '../../../native-helper/confinement/profile.ts';
import { ninePServerProfile } from '../../../native-helper/confinement/profiles/nine-p-server.ts';
import { dnsmasqProfile } from '../../../native-helper/confinement/profiles/dnsmasq.ts';
import { helperProfile } from '../../../native-helper/confinement/profiles/helper.ts';
import { qemuImgProfile } from '../../../native-helper/confinement/profiles/qemu-img.ts';
import { qemuMachineProfile } from '../../../native-helper/confinement/profiles/qemu-machine.ts';
import { virtiofsdProfile } from '../../../native-helper/confinement/profiles/virtiofsd.ts';
import { shareServerProfile } from '../../../native-helper/confinement/profiles/share-server.ts';
import { spec } from '../../unit/hypervisor/spec.ts';

const network = '/run/berth/network';
const kernel = {
  kernelPath: '/var/lib/berth/images/abc/kernel',
  initrdPath: '/var/lib/berth/images/abc/initrd',
  commandLine: '',
};
const share = {
  instance: 'amber-fox',
  id: 's1',
  program: '/usr/lib/openssh/sftp-server',
  folder: '/home/mia/My Project {x}',
  isReadOnly: false,
};
const virtiofsd = {
  instance: 'amber-fox',
  id: '0badcafe',
  program: '/usr/lib/qemu/virtiofsd',
  setpriv: '/usr/bin/setpriv',
  unshare: '/usr/bin/unshare',
  folder: '/share',
  isReadOnly: false,
};
const arm = { ...spec, architecture: 'aarch64' as const };

/** A profile of each kind that Berth makes, in the variants that differ in rights. */
export const sampleProfiles = {
  machine: qemuMachineProfile(machineAccess(spec, '/usr/bin/qemu-system-x86_64', [])),
  machineWithKernel: qemuMachineProfile(machineAccess({ ...spec, kernel }, '/usr/bin/qemu-system-x86_64', [])),
  machineWithKvm: qemuMachineProfile(machineAccess({ ...spec, accelerator: 'kvm' }, '/usr/bin/qemu-system-x86_64', [])),
  armMachine: qemuMachineProfile(
    machineAccess(arm, '/usr/bin/qemu-system-aarch64', ['/usr/share/qemu-efi-aarch64/QEMU_EFI.fd']),
  ),
  conversion: qemuImgProfile({
    id: 'c1',
    program: '/usr/bin/qemu-img',
    inputs: ['/var/lib/berth/images/.new-1/convert/source'],
    outputs: ['/var/lib/berth/images/.new-1/convert/converted'],
  }),
  dnsmasq: dnsmasqProfile({
    program: '/usr/sbin/dnsmasq',
    config: `${network}/dnsmasq.conf`,
    hosts: `${network}/hosts`,
    leases: `${network}/leases`,
    pid: `${network}/dnsmasq.pid`,
    log: `${network}/dnsmasq.log`,
    script: '/var/lib/berth/lease-event',
    events: `${network}/lease-events`,
  }),
  share: shareServerProfile(share),
  readOnlyShare: shareServerProfile({ ...share, isReadOnly: true }),
  virtiofsd: virtiofsdProfile(virtiofsd),
  readOnlyVirtiofsd: virtiofsdProfile({ ...virtiofsd, isReadOnly: true }),
  ninePServer: ninePServerProfile({ ...virtiofsd, program: '/usr/sbin/diod' }),
  readOnlyNinePServer: ninePServerProfile({ ...virtiofsd, program: '/usr/sbin/diod', isReadOnly: true }),
  helper: helperProfile({
    node: '/usr/lib/berth/node',
    application: ['/usr/lib/berth'],
    stateDirectory: '/var/lib/berth',
    runDirectory: '/run/berth',
    configDirectory: '/etc/berth',
    profilesDirectory: '/var/lib/berth/profiles',
  }),
} satisfies Readonly<Record<string, ProfileText>>;

export type SampleName = keyof typeof sampleProfiles;
