// SPDX-License-Identifier: MIT
import { access, lstat, readdir } from 'node:fs/promises';
import path from 'node:path';
import { formatBytes } from '#contract/units.ts';
import type { Files } from '../store/files.ts';

/** What an uninstallation may leave. */
export interface StoredData {
  /** Whether there is a state directory or a run directory at all. */
  readonly isThere: boolean;
  readonly instances: readonly string[];
  readonly images: number;
  /** What they take of the disk. */
  readonly bytes: number;
}

export async function readStored(files: Files): Promise<StoredData> {
  const isThere = (
    await Promise.all(
      [files.stateDirectory, files.runDirectory].map((directory) =>
        access(directory).then(
          () => true,
          () => false,
        ),
      ),
    )
  ).includes(true);
  return {
    isThere,
    instances: await entries(files.instances),
    images: (await entries(files.images)).length,
    bytes: (await bytesBelow(files.instances)) + (await bytesBelow(files.images)),
  };
}

export function describeStored({ instances, images, bytes }: StoredData): string {
  const count = (number: number, word: string): string => `${number} ${word}${number === 1 ? '' : 's'}`;
  const names =
    instances.length === 0 ? '' : ` (${instances.slice(0, 10).join(', ')}${instances.length > 10 ? ', …' : ''})`;
  return `${count(instances.length, 'instance')}${names} and ${count(images, 'image')}, ${formatBytes(bytes)}`;
}

/** As the disk has them: disks of machines are sparse. */
async function bytesBelow(directory: string): Promise<number> {
  const names = await readdir(directory, { recursive: true }).catch(() => []); // not there
  const sizes = await Promise.all(
    names.map(async (name) => (await lstat(path.join(directory, name)).catch(() => undefined))?.blocks ?? 0),
  ); // gone meanwhile
  return sizes.reduce((sum, blocks) => sum + blocks * 512, 0); // stat(2): of 512 bytes
}

async function entries(directory: string): Promise<string[]> {
  return (await readdir(directory).catch(() => [])).sort((a, b) => (a < b ? -1 : 1)); // not there
}
