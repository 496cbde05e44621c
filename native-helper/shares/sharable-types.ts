// SPDX-License-Identifier: MIT
import { sentence } from '#messages/say.ts';
import type { Sentence } from '#messages/sentence.ts';

/**
 * File systems that hold people's files, as mountinfo in proc(5) calls them, without what follows a dot (`fuse.sshfs`).
 * All others are refused: those of the kernel (proc, sysfs, cgroup2, devtmpfs, debugfs, …) lead out of a jail or into
 * the kernel, and there are more of them with each version.
 */
export const sharableTypes: readonly string[] = [
  'ext2',
  'ext3',
  'ext4',
  'xfs',
  'btrfs',
  'bcachefs',
  'zfs',
  'f2fs',
  'jfs',
  'reiserfs',
  'nilfs2',
  'ubifs',
  'jffs2',
  'overlay',
  'aufs',
  'ecryptfs',
  'tmpfs',
  'ramfs',
  'rootfs',
  'squashfs',
  'erofs',
  'iso9660',
  'udf',
  'vfat',
  'msdos',
  'exfat',
  'ntfs',
  'ntfs3',
  'hfs',
  'hfsplus',
  'apfs',
  'ufs',
  'minix',
  'nfs',
  'nfs4',
  'cifs',
  'smb3',
  'ceph',
  'afs',
  'gfs2',
  'ocfs2',
  'lustre',
  'gpfs',
  'orangefs',
  'coda',
  '9p',
  'drvfs',
  'virtiofs',
  'vboxsf',
  'vmhgfs',
  'prl_fs',
  'fuse',
  'fuseblk',
];

export function isSharable(type: string): boolean {
  return sharableTypes.includes(type.split('.')[0] ?? '');
}

/** Why a folder on such a file system is not shared, after a colon. */
export function whyNotSharable(type: string): Sentence {
  return sentence('mount.type-not-sharable', { type });
}
