// SPDX-License-Identifier: MIT
import { folderRules, profileText, quotePath, section, type ProfileText } from '../profile.ts';
import { quietCommandLineSection, runtimeSections } from './runtime.ts';

/** The helper's own profile. It is no `multipass.` name: those are what it may change to. */
export const helperProfileName = 'berth-helper';

export interface HelperAccess {
  readonly node: string;
  /** Where the helper's code, its modules and its assets lie. */
  readonly application: readonly string[];
  readonly stateDirectory: string;
  readonly runDirectory: string;
  /** The administrator's; the helper writes machines' profiles there, made from TEMPLATE. */
  readonly configDirectory: string;
  /** The generated profiles, which the parser reads. */
  readonly profilesDirectory: string;
}

/** Programs that may be run as the helper itself: they set up what a machine lives in. */
const ownPrograms = [
  'dash',
  'bash',
  'sh',
  'unshare',
  'nsenter',
  'setpriv',
  'prlimit',
  'mount',
  'umount',
  'mknod',
  'mkdir',
  'rmdir',
  'chown',
  'ip',
  'nft',
  'xtables-legacy-multi',
  'sysctl',
  'xorriso',
  'cat',
  'stat',
  'dd',
  'find',
  'rm',
  'chmod',
  'readlink',
  'setfacl',
  'getfacl',
  'timeout',
  'busybox',
  'sleep',
  'pivot_root',
  'chroot',
  'sed',
  'sort',
  'wc',
  'id',
  'env',
  'test',
  'gpgv',
  'gzip',
  'xz',
  'zstd',
  'bzip2',
];
/** Entered by what the launchers become at last. */
const confinedPrograms = [
  '/usr/bin/qemu-system-*',
  '/usr/bin/qemu-img',
  '/usr/sbin/dnsmasq',
  '/usr/lib/openssh/sftp-server',
  '/usr/{s,}bin/diod',
  '/usr/{lib,libexec,bin}/{qemu/,}virtiofsd',
  '/usr/bin/setpriv',
];
/** Whose libraries are looked up for the jails of shared folders. */
const jailedPrograms = [
  '/usr/lib/openssh/sftp-server',
  '/usr/{s,}bin/diod',
  '/usr/{lib,libexec,bin}/{qemu/,}virtiofsd',
  '/usr/bin/{setpriv,unshare}',
];
/** What users share, import and give lies here. Processes that open it have the user's identity, which decides. */
const usersPlaces = '/{home,media,mnt,srv,tmp,var/tmp}';
/** Makes images from the distribution's packages, as root, in a directory of the helper's. */
const imageBuilders = ['mmdebstrap', 'apt-get', 'mke2fs', 'sfdisk', 'mformat', 'mmd', 'mcopy', 'grub-mkimage'];

/**
 * The helper as root: what it needs to make networks, namespaces and devices. It may look at AppArmor;
 * only the child profile of the parser may change policy (seed 004), and only that of kmod load modules.
 */
export function helperProfile(access: HelperAccess): ProfileText {
  return profileText(
    helperProfileName,
    [
      ...runtimeSections(),
      ...fileSections(access),
      ...rightSections(),
      ...programSections(),
      parserProfile(access),
      librariesProfile(),
      imageBuildProfile(),
      ownDataProfile(access),
      kmodProfile(),
      // the log that the launcher gets was opened before it had a mount namespace of its own
    ],
    ['attach_disconnected'],
  );
}

function fileSections(access: HelperAccess): readonly string[] {
  const { stateDirectory: state, runDirectory: run } = access;
  return [
    section('Node and the helper', [
      `${quotePath(access.node)} mrix`,
      ...access.application.flatMap((folder) => [`${quotePath(folder, '/')} r`, `${quotePath(folder, '/**')} mr`]),
      '/etc/ssl/openssl.cnf r',
      '/etc/{machine-id,environment} r',
      '/etc/iproute2/{,**} r',
      '/usr/lib/@{multiarch}/gconv/{,**} r',
      '@{PROC}/{cmdline,meminfo,version,cpuinfo,stat,mounts,cgroups,modules} r',
      '@{PROC}/sys/kernel/random/boot_id r',
      '@{PROC}/sys/fs/inotify/{max_queued_events,max_user_instances,max_user_watches} r',
      '/sys/fs/cgroup/{,**} rw',
    ]),
    section('its state', [
      ...folderRules(state),
      ...folderRules(run),
      `${quotePath(access.configDirectory, '/{,**}')} r`,
      `${quotePath(access.configDirectory, '/apparmor/*')} w`,
    ]),
    section("users' files, with users' rights", [
      `${usersPlaces}/{,**} rwk`,
      '/etc/ssl/cert.pem r',
      '/etc/ssl/certs/{,**} r',
      '/usr/{,local/}share/ca-certificates/{,**} r',
      '/usr/lib/ssl/openssl.cnf r',
    ]),
  ];
}

function rightSections(): readonly string[] {
  return [
    section('processes of its own making', [
      'signal (send) peer=multipass.*',
      'signal (send, receive) peer=berth-helper//*',
      'ptrace (read, trace) peer=multipass.*',
      'ptrace (read) peer=berth-helper{,//*}',
      // Whose profile is whose is asked of all processes: those of others do not answer, and need no line in the log
      // for it.
      'deny ptrace (read) peer=unconfined',
      'deny ptrace (read) peer=[^bmu]**',
      '@{PROC}/ r',
      '@{PROC}/@{pids}/{cgroup,status,stat,statm,cmdline,io,exe,mountinfo,limits,attr/current,attr/apparmor/current,fd/,ns/*,root/dev/} r',
      'owner @{PROC}/@{pid}/{attr/{apparmor/,}exec,task/@{tid}/attr/{apparmor/,}exec,oom_score_adj,uid_map,gid_map,setgroups} rw',
      'owner @{PROC}/@{pid}/** r',
      // a namespace that is opened has no path: attached, it is the root
      '/ r',
    ]),
    section('AppArmor may be looked at; it is changed by the parser alone', [
      '/etc/apparmor{,.d}/{,**} r',
      '/sys/module/apparmor/parameters/enabled r',
      '/sys/kernel/security/{,lsm,apparmor/{,**}} r',
      'audit deny /sys/kernel/security/apparmor/{.load,.replace,.remove} w',
      'audit deny capability mac_admin',
      '/{usr/,}sbin/apparmor_parser Cx -> parser',
      '/{usr/,}sbin/{modprobe,depmod} Cx -> kmod',
      '/{usr/,}bin/kmod Cx -> kmod',
    ]),
    section("reads the kernel's log for what was refused to its machines", ['/dev/kmsg r', 'capability syslog']),
    section('users of machines, namespaces, private /dev, device program, network', [
      ...[
        'chown',
        'fowner',
        'fsetid',
        'dac_override',
        'dac_read_search',
        'setuid',
        'setgid',
        'setpcap',
        'kill',
        'mknod',
        'sys_admin',
        'sys_resource',
        'sys_ptrace',
        'net_admin',
        'net_raw',
        'bpf',
        'sys_chroot',
        'setfcap',
      ].map((name) => `capability ${name}`),
      'mount',
      'umount',
      'pivot_root',
      'network',
      'unix',
      'deny capability perfmon',
      '@{PROC}/sys/kernel/cap_last_cap r',
      'deny /etc/fstab r',
      '/dev/{,net/} rw',
      '/dev/{null,zero,full,random,urandom,kvm,net/tun,vhost-net} rw',
      '/dev/shm/{,**} rw',
      '/dev/hugepages*/{,**/} rw',
      '/dev/.hidden[0-9]*/{,**} rw',
      '@{PROC}/sys/net/** rw',
    ]),
  ];
}

function programSections(): readonly string[] {
  return [
    section('what it runs as itself', [
      `/{usr/,}{bin,sbin}/{${ownPrograms.join(',')}} mrix`,
      '/etc/{passwd,group,nsswitch.conf,resolv.conf,host.conf,gai.conf,hosts} r',
      '/run/systemd/resolve/{,stub-}resolv.conf r',
      '/run/resolvconf/resolv.conf r',
      // what iptables-legacy-save knows of its matches, and the names of protocols
      '/usr/lib/{,@{multiarch}/}xtables/*.so mr',
      '/etc/protocols r',
      '/run/mount/utab r',
      '@{PROC}/sys/dev/cdrom/info r',
    ]),
    section("the host's root goes out of a jail's sight: it lies at /old there (share-launch.sh)", [
      '/old/{usr/,}{bin,sbin}/{chroot,umount} mrix',
      '/old/{usr/,}lib/@{multiarch}/{,**/}*.so{,.*} mr',
      '/old/etc/{ld.so.cache,fstab} r',
      '/old/proc/{filesystems,@{pids}/{mounts,mountinfo}} r',
      '/old/run/mount/utab r',
    ]),
    section(
      'into profiles of our naming scheme only; the launcher has made the environment clean',
      confinedPrograms.map((program) => `change_profile unsafe ${program} -> multipass.*`),
    ),
    section("programs of machines on the helper's own data, without a guest: versions, the probe, new disks", [
      '/usr/bin/qemu-{system-*,img} Cx -> own-data',
      '/{usr/,}sbin/dnsmasq Cx -> own-data',
    ]),
    section('which libraries a program needs', ['/{usr/,}bin/ldd Cx -> libraries']),
    section('image building', [`/{usr/,}{bin,sbin}/{${imageBuilders.join(',')}} Cx -> image-build`]),
  ];
}

function parserProfile(access: HelperAccess): string {
  return child('parser', [
    section('may change policy', [
      'capability mac_admin',
      '/sys/kernel/security/apparmor/{.load,.replace,.remove} w',
      '/sys/kernel/security/apparmor/{,**} r',
      '/{usr/,}sbin/apparmor_parser mr',
      '/etc/apparmor{,.d}/{,**} r',
      '/usr/share/apparmor{,-features}/{,**} r',
      `${quotePath(access.profilesDirectory, '/{,*}')} r`,
      '@{PROC}/@{pid}/mounts r',
      '@{PROC}/sys/kernel/osrelease r',
      '/sys/devices/system/cpu/{,**} r',
    ]),
    section('speaks to the helper', [
      'signal (receive) peer=berth-helper',
      'unix (send, receive, getattr, getopt, shutdown) type=stream',
    ]),
  ]);
}

/** QEMU's programs where no foreign byte is read: no network, no file but the helper's. */
function ownDataProfile({ stateDirectory, runDirectory, application }: HelperAccess): string {
  return child('own-data', [
    quietCommandLineSection(),
    section('the programs', [
      '/usr/bin/qemu-{system-*,img} mr',
      '/{usr/,}sbin/dnsmasq mr',
      '/usr/lib/@{multiarch}/qemu/*.so mr',
      '/usr/share/{qemu,seabios}/** r',
      '/dev/kvm rw',
      'deny /sys/bus/nd/devices/ r',
    ]),
    section("the helper's data", [
      `${quotePath(stateDirectory, '/{,**}')} rwk`,
      `${quotePath(runDirectory, '/**')} rw`,
      ...application.map((folder) => `${quotePath(folder, '/**')} r`),
      'capability dac_override',
      'capability dac_read_search',
      'capability fowner',
      'capability chown',
    ]),
    section('speaks to the helper', [
      'signal (receive) peer=berth-helper',
      'unix (send, receive, getattr, getopt, shutdown) type=stream',
    ]),
  ]);
}

/** ldd(1): a shell script that has the loader load a program without running it. */
function librariesProfile(): string {
  return child('libraries', [
    section('the script, its shell and the loader', [
      '/{usr/,}bin/ldd r',
      '/{usr/,}bin/{bash,dash,sh,cat} mrix',
      '/{usr/,}lib{,32,64}/{,@{multiarch}/}ld{,32,64}-*.so* mrix',
    ]),
    section(
      'what it looks at',
      jailedPrograms.map((program) => `${program} mr`),
    ),
    section('speaks to the helper', ['unix (send, receive, getattr, getopt, shutdown) type=stream']),
    section('what a shell looks for at its start, refused quietly', [
      'deny /dev/tty rw',
      'deny /etc/{passwd,nsswitch.conf} r',
      'deny unix (create) type=stream',
    ]),
  ]);
}

/**
 * Runs what packages bring, as their installation has to; not more of the host than that: no policy, no modules, no
 * other process.
 */
function imageBuildProfile(): string {
  return child('image-build', [
    section('as root in a directory, with all that package managers do', [
      'file',
      'network',
      'mount',
      'umount',
      'unix',
      ...[
        'chown',
        'fowner',
        'fsetid',
        'dac_override',
        'dac_read_search',
        'setuid',
        'setgid',
        'setpcap',
        'setfcap',
        'mknod',
        'sys_chroot',
        'sys_admin',
        'kill',
      ].map((name) => `capability ${name}`),
    ]),
    section('never policy', [
      'audit deny /sys/kernel/security/apparmor/** wlkmx',
      'audit deny capability mac_admin',
      'audit deny capability sys_module',
    ]),
    section('speaks to the helper', ['signal (receive) peer=berth-helper']),
  ]);
}

function kmodProfile(): string {
  return child('kmod', [
    section('may load modules of this kernel', [
      'capability sys_module',
      '/{usr/,}bin/kmod mr',
      '/{usr/,}sbin/{modprobe,depmod} mr',
      '/etc/modprobe.d/{,**} r',
      '/{usr/,}lib/modprobe.d/{,**} r',
      '/{usr/,}lib/modules/** r',
      '@{PROC}/{cmdline,modules} r',
      '/sys/module/{,**} r',
    ]),
    section('speaks to the helper', [
      'signal (receive) peer=berth-helper',
      'unix (send, receive, getattr, getopt, shutdown) type=stream',
    ]),
  ]);
}

function child(name: string, sections: readonly string[]): string {
  return `  profile ${name} {\n${[...runtimeSections(), ...sections].join('')}  }\n\n`;
}
