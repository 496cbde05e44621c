// SPDX-License-Identifier: MIT
import { chmod, cp, lstat, mkdir, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { imageAlias } from '#contract/names.ts';
import { gibibyte, mebibyte } from '#contract/units.ts';
import { HelperError } from '../../core/errors.ts';
import { bootstrap } from './bootstrap.ts';
import type { BuildContext } from './build-step.ts';
import { grubMenu } from './grub-menu.ts';
import { readList } from './guest-files.ts';
import type { BuildPlaces, Recipe } from './recipe.ts';

const label = 'debian-root';

/** Debian 12 with systemd and the real cloud-init; starts by its own boot loader, so that it can change its kernel. */
export const debian12: Recipe = {
  entry: {
    alias: imageAlias.parse('debian-12'),
    title: 'Debian 12',
    description: 'Debian GNU/Linux 12 (bookworm) with cloud-init, as a server',
    os: 'debian',
    release: '12',
    architecture: 'x86_64',
    origin: 'built',
    defaultUser: 'debian',
    minMemoryBytes: 512 * mebibyte,
    minDiskBytes: 3 * gibibyte,
    cost: 'about 150 MB of packages, 5 minutes',
  },
  label,
  diskBytes: 2 * gibibyte,
  fill,
};

async function fill(context: BuildContext, places: BuildPlaces): Promise<void> {
  const assets = path.join(context.assetsDirectory, 'guests/debian-12');
  await bootstrap(context, {
    directory: places.root,
    variant: 'minbase',
    packages: await readList(path.join(assets, 'packages.txt')),
    excluded: ['/usr/share/doc/*', '/usr/share/man/*', '/usr/share/info/*', '/usr/share/locale/*', '/usr/share/lintian/*'],
    // Before the kernel is installed, whose script makes the initrd.
    copiedEarly: [path.join(assets, 'etc/initramfs-tools')],
    from: 0,
    to: 0.7,
  });
  context.report({ step: 'root file system', fraction: 0.7 });
  await cp(path.join(assets, 'etc'), path.join(places.root, 'etc'), { recursive: true });
  await forgetIdentity(places.root);
  await maskUnits(places.root, await readList(path.join(assets, 'masked.txt')));
  await replaceBySymlink(path.join(places.root, 'etc/resolv.conf'), '/run/systemd/resolve/stub-resolv.conf');
  await writeBootMenu(places.root);
}

/** What every instance has of its own is made at its first boot. */
async function forgetIdentity(root: string): Promise<void> {
  await writeFile(path.join(root, 'etc/machine-id'), '');
  await rm(path.join(root, 'var/lib/dbus/machine-id'), { force: true });
  for (const name of await readdir(path.join(root, 'etc/ssh'))) {
    if (name.startsWith('ssh_host_')) await rm(path.join(root, 'etc/ssh', name));
  }
  for (const directory of ['var/lib/apt/lists', 'var/cache/apt', 'var/log/apt']) {
    await rm(path.join(root, directory), { recursive: true, force: true });
    await mkdir(path.join(root, directory), { recursive: true });
  }
  await rm(path.join(root, 'usr/sbin/policy-rc.d'), { force: true });
}

async function maskUnits(root: string, units: readonly string[]): Promise<void> {
  for (const unit of units) await replaceBySymlink(path.join(root, 'etc/systemd/system', unit), '/dev/null');
}

async function replaceBySymlink(file: string, target: string): Promise<void> {
  await rm(file, { force: true });
  await symlink(target, file);
}

/** The menu names the links that every kernel package keeps up to date (linux-update-symlinks(1)). */
async function writeBootMenu(root: string): Promise<void> {
  for (const name of ['vmlinuz', 'initrd.img']) {
    const link = await lstat(path.join(root, name)).catch(() => undefined); // absent: reported below
    if (!link?.isSymbolicLink()) throw new HelperError('image.build-failed', { image: 'debian-12', reason: `the kernel package made no /${name}` });
  }
  await mkdir(path.join(root, 'boot/grub'), { recursive: true });
  await writeFile(path.join(root, 'boot/grub/grub.cfg'), grubMenu({
    label, kernel: '/vmlinuz', initrd: '/initrd.img', commandLine: `root=LABEL=${label} ro console=ttyS0`,
  }));
  await chmod(path.join(root, 'boot/grub/grub.cfg'), 0o644);
}
