// SPDX-License-Identifier: MIT
import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { sentence } from '#messages/say.ts';
import { HelperError } from '../core/errors.ts';

interface Program {
  /** Tried in order. Absolute: what PATH says is never asked. */
  readonly candidates: readonly string[];
  /** The distribution package that brings it. */
  readonly package: string;
}

const inBin = (name: string, packageName: string): Program => ({
  candidates: [`/usr/bin/${name}`, `/bin/${name}`],
  package: packageName,
});
const inSbin = (name: string, packageName: string): Program => ({
  candidates: [`/usr/sbin/${name}`, `/sbin/${name}`, `/usr/bin/${name}`],
  package: packageName,
});

/** Every program that the helper may run: a name that is not here cannot be run. */
const programs: Readonly<Record<string, Program>> = {
  'qemu-system-x86_64': inBin('qemu-system-x86_64', 'qemu-system-x86'),
  'qemu-system-aarch64': inBin('qemu-system-aarch64', 'qemu-system-arm'),
  'qemu-img': inBin('qemu-img', 'qemu-utils'),

  ip: inSbin('ip', 'iproute2'),
  nft: inSbin('nft', 'nftables'),
  'iptables-legacy-save': inSbin('iptables-legacy-save', 'iptables'),
  dnsmasq: inSbin('dnsmasq', 'dnsmasq-base'),
  sysctl: inSbin('sysctl', 'procps'),
  systemctl: inBin('systemctl', 'systemd'),
  modprobe: inSbin('modprobe', 'kmod'),
  depmod: inSbin('depmod', 'kmod'),

  mmdebstrap: inBin('mmdebstrap', 'mmdebstrap'),
  'apt-get': inBin('apt-get', 'apt'),
  mke2fs: inSbin('mke2fs', 'e2fsprogs'),
  sfdisk: inSbin('sfdisk', 'fdisk'),
  mformat: inBin('mformat', 'mtools'),
  mmd: inBin('mmd', 'mtools'),
  mcopy: inBin('mcopy', 'mtools'),
  'grub-mkimage': inBin('grub-mkimage', 'grub-common'),
  xorriso: inBin('xorriso', 'xorriso'),
  gpgv: inBin('gpgv', 'gpgv'),
  cat: inBin('cat', 'coreutils'),
  stat: inBin('stat', 'coreutils'),
  dd: inBin('dd', 'coreutils'),
  chroot: inSbin('chroot', 'coreutils'),
  'sftp-server': {
    candidates: ['/usr/lib/openssh/sftp-server', '/usr/libexec/openssh/sftp-server', '/usr/lib/ssh/sftp-server'],
    package: 'openssh-sftp-server',
  },
  diod: inSbin('diod', 'diod'),
  setfacl: inBin('setfacl', 'acl'),
  getfacl: inBin('getfacl', 'acl'),
  // The one that comes with QEMU up to 7.2. Later there is another program of that name, with other options.
  virtiofsd: { candidates: ['/usr/lib/qemu/virtiofsd', '/usr/libexec/qemu/virtiofsd'], package: 'qemu-system-common' },

  apparmor_parser: inSbin('apparmor_parser', 'apparmor'),
  unshare: inBin('unshare', 'util-linux'),
  nsenter: inBin('nsenter', 'util-linux'),
  setpriv: inBin('setpriv', 'util-linux'),
  prlimit: inBin('prlimit', 'util-linux'),
  sh: { candidates: ['/bin/sh', '/usr/bin/sh'], package: 'dash' },
  node: { candidates: [process.execPath], package: 'nodejs' },
};

/**
 * The absolute path of a program of the closed list.
 * @throws HelperError hypervisor.missing for QEMU's programs, process.failed for others
 */
export async function locateProgram(name: string): Promise<string> {
  const program = programs[name];
  if (!program) throw new HelperError('internal.bug', { reason: `${name} is not in the list of programs` });
  for (const candidate of program.candidates) {
    if (await isExecutable(candidate)) return candidate;
  }
  if (name.startsWith('qemu-'))
    throw new HelperError('hypervisor.missing', { program: name, package: program.package });
  throw new HelperError('process.failed', {
    program: name,
    status: sentence('process.not-installed'),
    reason: sentence('process.install-package', { package: program.package }),
  });
}

/** The names of the closed list. */
export const programNames: readonly string[] = Object.keys(programs);

/** The distribution package that brings a program of the list. */
export function packageOf(name: string): string {
  return programs[name]?.package ?? name;
}

/** Whether a program of the closed list can be run here. */
export async function isInstalled(name: string): Promise<boolean> {
  const found = await Promise.all((programs[name]?.candidates ?? []).map(isExecutable));
  return found.includes(true);
}

async function isExecutable(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return true;
  } catch {
    return false; // not there, or not for us: the next candidate, and in the end a message that names the package
  }
}
