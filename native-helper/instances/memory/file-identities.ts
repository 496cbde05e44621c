// SPDX-License-Identifier: MIT
import { stat } from 'node:fs/promises';
import { HelperError, storageError } from '../../core/errors.ts';
import type { MachineSpec } from '../../core/seams/machine-spec.ts';
import type { FileIdentity, SuspendedRecord } from '../../store/suspended-record.ts';

/** What a guest's memory believes to know the content of: its disks, and the seed. Images below them never change. */
function filesOf({ disks, cdrom }: Pick<MachineSpec, 'disks' | 'cdrom'>): readonly { id: string; path: string }[] {
  return [...disks.map(({ id, path }) => ({ id, path })), { id: 'seed', path: cdrom.path }];
}

/** The files of a machine as they are now. @throws HelperError storage.failed */
export async function fileIdentities(spec: Pick<MachineSpec, 'disks' | 'cdrom'>): Promise<FileIdentity[]> {
  return await Promise.all(filesOf(spec).map(async ({ id, path }) => await identityOf(id, path)));
}

/**
 * That nobody wrote to a disk, or put another in its place, since the memory was saved.
 * @throws HelperError memory.disk-changed, storage.failed
 */
export async function requireSameFiles(
  spec: Pick<MachineSpec, 'instance' | 'disks' | 'cdrom'>,
  { files }: Pick<SuspendedRecord, 'files'>,
): Promise<void> {
  for (const { id, path } of filesOf(spec)) {
    const before = files.find((each) => each.id === id);
    if (!before || !isSame(before, await identityOf(id, path)))
      throw new HelperError('memory.disk-changed', { name: spec.instance, path });
  }
}

async function identityOf(id: string, path: string): Promise<FileIdentity> {
  try {
    const { size, ino, mtimeNs, ctimeNs } = await stat(path, { bigint: true });
    return {
      id,
      bytes: String(size),
      inode: String(ino),
      modifiedNs: String(mtimeNs),
      changedNs: String(ctimeNs),
    };
  } catch (error) {
    throw storageError('look at', path, error);
  }
}

function isSame(before: FileIdentity, now: FileIdentity): boolean {
  return (['bytes', 'inode', 'modifiedNs', 'changedNs'] as const).every((key) => before[key] === now[key]);
}
