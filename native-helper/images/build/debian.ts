// SPDX-License-Identifier: MIT
import { chmod, lstat, mkdir, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { gibibyte, mebibyte } from '#contract/units.ts';
import { sentence } from '#messages/say.ts';
import { HelperError } from '../../core/errors.ts';
import { grubMenu } from './grub-menu.ts';
import { copyGuestFiles, readList } from './guest-files.ts';
import { builtEntry, type BuildPlaces, type Recipe } from './recipe.ts';
import { withoutTimerCheck } from './timer-check.ts';

const label = 'debian-root';

/** Debian 12 with systemd and the real cloud-init; starts by its own boot loader, so that it can change its kernel. */
export const debian12: Recipe = {
  entry: builtEntry({
    alias: 'debian-12',
    title: 'Debian 12',
    description: 'Debian GNU/Linux 12 (bookworm) with cloud-init, as a server',
    os: 'debian',
    release: '12',
    defaultUser: 'debian',
    minMemoryBytes: 512 * mebibyte,
    minDiskBytes: 3 * gibibyte,
    cost: 'about 150 MB of packages, 5 minutes',
  }),
  label,
  packages: {
    into: 'root',
    variant: 'minbase',
    excluded: [
      '/usr/share/doc/*',
      '/usr/share/man/*',
      '/usr/share/info/*',
      '/usr/share/locale/*',
      '/usr/share/lintian/*',
    ],
    // Before the kernel is installed, whose script makes the initrd.
    copiedEarly: ['etc/initramfs-tools'],
    share: 0.7,
  },
  diskBytes: 2 * gibibyte,
  fill,
};

async function fill({ assets, root }: BuildPlaces): Promise<void> {
  await copyGuestFiles(path.join(assets, 'etc'), path.join(root, 'etc'));
  await forgetIdentity(root);
  await maskUnits(root, await readList(path.join(assets, 'masked.txt')));
  await replaceBySymlink(path.join(root, 'etc/resolv.conf'), '/run/systemd/resolve/stub-resolv.conf');
  await writeBootMenu(root);
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
    if (!link?.isSymbolicLink())
      throw new HelperError('image.build-failed', {
        image: 'debian-12',
        reason: sentence('image.kernel-made-none', { name }),
      });
  }
  await mkdir(path.join(root, 'boot/grub'), { recursive: true });
  await writeFile(
    path.join(root, 'boot/grub/grub.cfg'),
    grubMenu({
      label,
      kernel: '/vmlinuz',
      initrd: '/initrd.img',
      commandLine: `root=LABEL=${label} ro console=ttyS0 ${withoutTimerCheck}`,
    }),
  );
  await chmod(path.join(root, 'boot/grub/grub.cfg'), 0o644);
}
