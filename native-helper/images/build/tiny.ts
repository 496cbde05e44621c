// SPDX-License-Identifier: MIT
import { chmod, copyFile, cp, mkdir, readFile, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { mebibyte } from '#contract/units.ts';
import { sentence } from '#messages/say.ts';
import { HelperError } from '../../core/errors.ts';
import { runStep, type BuildContext } from './build-step.ts';
import { copyPrograms } from './copy-programs.ts';
import { grubMenu } from './grub-menu.ts';
import { copyGuestFiles, parseList, readList } from './guest-files.ts';
import { packInitrd } from './initrd.ts';
import { loadOrder, parseModulesDep } from './kernel-modules.ts';
import { builtEntry, type BuildPlaces, type Recipe } from './recipe.ts';
import { withoutTimerCheck } from './timer-check.ts';

const label = 'tiny-root';
/**
 * Kernel messages stay on the serial port: people watch the boot there, and `quiet` gains under 0.1 s.
 * A timer check can fail on a loaded host under emulation. Address randomisation costs 25 MB of the
 * host's memory (the kernel is unpacked, then moved) and defends nothing where every user may sudo.
 */
const commandLine = `console=ttyS0 root=LABEL=${label} rw random.trust_cpu=on tsc=reliable ${withoutTimerCheck} nokaslr mitigations=off`;

/** The embedded default: Debian's kernel, busybox, dropbear; a few seconds from start to SSH. */
export const tiny: Recipe = {
  entry: builtEntry({
    alias: 'tiny',
    title: 'Tiny',
    description: 'Debian kernel with busybox and SSH; starts in seconds, for trying things out',
    os: 'tiny',
    release: '12',
    defaultUser: 'berth',
    minMemoryBytes: 192 * mebibyte,
    minDiskBytes: 512 * mebibyte,
    cost: 'about 90 MB of packages, 2 minutes',
  }),
  label,
  packages: {
    into: 'packages',
    variant: 'extract',
    excluded: ['/usr/share/*'],
    included: ['/usr/share/zoneinfo/*'],
    share: 0.6,
  },
  diskBytes: 256 * mebibyte,
  commandLine,
  fill,
};

async function fill(places: BuildPlaces, context: BuildContext): Promise<void> {
  await makeDirectories(places.root);
  await copyPrograms(places.packages, places.root, await readList(path.join(places.assets, 'programs.txt')));
  await installBusybox(context, places);
  await copyTimeZones(places);
  await copyOwnFiles(places.assets, places.root);
  await installKernel(context, places);
}

async function makeDirectories(root: string): Promise<void> {
  const directories = [
    'bin',
    'sbin',
    'usr/bin',
    'usr/sbin',
    'usr/lib/openssh',
    'usr/share',
    'lib/modules',
    'lib64',
    'lib/x86_64-linux-gnu',
    'etc/dropbear',
    'etc/sudoers.d',
    'proc',
    'sys',
    'dev',
    'run',
    'tmp',
    'var/log',
    'var/lib/cloud',
    'root',
    'home',
    'mnt',
    'boot/grub',
  ];
  for (const directory of directories) await mkdir(path.join(root, directory), { recursive: true });
  await chmod(path.join(root, 'tmp'), 0o1777);
  await chmod(path.join(root, 'root'), 0o700);
  await symlink('../run', path.join(root, 'var/run'));
  await symlink('/proc/mounts', path.join(root, 'etc/mtab'));
  await symlink('/run/resolv.conf', path.join(root, 'etc/resolv.conf'));
}

async function installBusybox(context: BuildContext, places: BuildPlaces): Promise<void> {
  const busybox = path.join(places.root, 'bin/busybox');
  await copyFile(path.join(places.packages, 'bin/busybox'), busybox);
  await chmod(busybox, 0o755);
  await chmod(path.join(places.root, 'usr/bin/sudo'), 0o4755);
  await chmod(path.join(places.root, 'bin/fusermount3'), 0o4755);
  await symlink('openssh/sftp-server', path.join(places.root, 'usr/lib/sftp-server'));

  const present = new Set<string>();
  for (const directory of ['bin', 'sbin', 'usr/bin', 'usr/sbin']) {
    for (const name of await readdir(path.join(places.root, directory))) present.add(name);
  }
  const ours = ['poweroff', 'reboot', 'halt'];
  const applets = (await runStep(context, 'chroot', [places.packages, '/bin/busybox', '--list'])).split('\n');
  for (const applet of applets) {
    if (applet === '' || present.has(applet) || ours.includes(applet)) continue;
    await symlink('busybox', path.join(places.root, 'bin', applet));
  }
  for (const name of ['init', 'getty', 'modprobe'])
    await symlink('../bin/busybox', path.join(places.root, 'sbin', name));
  for (const name of ours) await symlink('down', path.join(places.root, 'sbin', name));
}

async function copyTimeZones(places: BuildPlaces): Promise<void> {
  const zones = path.join(places.root, 'usr/share/zoneinfo');
  await cp(path.join(places.packages, 'usr/share/zoneinfo'), zones, { recursive: true, verbatimSymlinks: true });
  for (const name of ['right', 'posix']) await rm(path.join(zones, name), { recursive: true, force: true });
}

async function copyOwnFiles(assets: string, root: string): Promise<void> {
  for (const directory of ['etc', 'sbin', 'usr'])
    await copyGuestFiles(path.join(assets, directory), path.join(root, directory));
  const programs = [
    'etc/rc',
    'etc/rc.network',
    'etc/rc.down',
    'etc/udhcpc.script',
    'etc/acpi/PWRF/00000080',
    'sbin/down',
    'sbin/cloud-init-local',
    'sbin/cloud-init-final',
    'usr/bin/cloud-init',
  ];
  for (const file of programs) await chmod(path.join(root, file), 0o755);
  await chmod(path.join(root, 'etc/shadow'), 0o600);
  await chmod(path.join(root, 'etc/sudoers'), 0o440);
  await copyFile(path.join(root, 'etc/pam.d/other'), path.join(root, 'etc/pam.d/sudo'));
}

/** The kernel, the modules of the list, and an initrd with those marked for it. */
async function installKernel(context: BuildContext, places: BuildPlaces): Promise<void> {
  context.report({ step: 'kernel', fraction: 0.7 });
  const [version] = await readdir(path.join(places.packages, 'lib/modules'));
  if (version === undefined)
    throw new HelperError('image.build-failed', { image: 'tiny', reason: sentence('image.kernel-without-modules') });
  const modules = path.join('lib/modules', version);
  await runStep(context, 'depmod', ['-b', places.packages, version]);

  const list = parseList(await readFile(path.join(places.assets, 'modules.txt'), 'utf8'));
  const index = parseModulesDep(await readFile(path.join(places.packages, modules, 'modules.dep'), 'utf8'));
  const marked = (mark: string): readonly string[] =>
    loadOrder(
      index,
      list.filter((name) => name.startsWith(mark)).map((name) => name.slice(1)),
    );
  const first = marked('+');
  for (const file of loadOrder(
    index,
    list.map((name) => name.replace(/^[+?]/, '')),
  )) {
    await mkdir(path.dirname(path.join(places.root, modules, file)), { recursive: true });
    await copyFile(path.join(places.packages, modules, file), path.join(places.root, modules, file));
  }
  for (const file of ['modules.builtin', 'modules.builtin.modinfo', 'modules.order']) {
    await copyFile(path.join(places.packages, modules, file), path.join(places.root, modules, file));
  }
  await runStep(context, 'depmod', ['-b', places.root, version]);

  const initrd = await packInitrd({
    busybox: path.join(places.packages, 'bin/busybox'),
    init: path.join(places.assets, 'initrd-init'),
    modules: {
      first: first.map((file) => path.join(places.packages, modules, file)),
      later: marked('?')
        .filter((file) => !first.includes(file))
        .map((file) => path.join(places.packages, modules, file)),
    },
  });
  const kernel = path.join(places.packages, 'boot', `vmlinuz-${version}`);
  await copyFile(kernel, path.join(places.out, 'kernel'));
  await writeFile(path.join(places.out, 'initrd'), initrd);
  await copyFile(kernel, path.join(places.root, 'boot/vmlinuz'));
  await writeFile(path.join(places.root, 'boot/initrd.img'), initrd);
  await writeFile(
    path.join(places.root, 'boot/grub/grub.cfg'),
    grubMenu({ label, kernel: '/boot/vmlinuz', initrd: '/boot/initrd.img', commandLine }),
  );
}
