// SPDX-License-Identifier: MIT
import { rmdir } from 'node:fs/promises';
import { NetworkFiles } from '../network/network-files.ts';
import { removeTree } from '../posix/remove-tree.ts';
import type { Files } from '../store/files.ts';

/** All that is made anew by a next helper; instances, images and settings stay. */
export async function removeStateFiles(files: Files): Promise<void> {
  await removeAll([files.operations, files.profiles, files.work, files.reserve, new NetworkFiles(files).script]);
}

/** The state directory too, unless somebody else's files are in it. */
export async function removeStateData(files: Files): Promise<void> {
  await removeStateFiles(files);
  await removeAll([
    files.instances,
    files.images,
    files.downloads,
    files.catalogues,
    files.imageSettings,
    files.networkState,
    files.ownDenials,
    files.users,
    files.ledger,
  ]);
  await removeIfEmpty(files.stateDirectory);
}

export async function removeRunFiles(files: Files): Promise<void> {
  await removeAll([
    files.rpcSocket,
    files.streamSocket,
    files.machines,
    files.network,
    files.jail,
    files.shares,
    files.kvmProbe,
  ]);
  await removeIfEmpty(files.runDirectory);
}

async function removeAll(paths: readonly string[]): Promise<void> {
  await Promise.all(paths.map(async (path) => await removeTree(path)));
}

/** Of a directory that the user named only our own goes. */
async function removeIfEmpty(directory: string): Promise<void> {
  try {
    await rmdir(directory);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ENOENT' && code !== 'ENOTEMPTY' && code !== 'EBUSY') throw error; // EBUSY: something is mounted there
  }
}
