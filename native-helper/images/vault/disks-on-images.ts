// SPDX-License-Identifier: MIT
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { fingerprint, type Fingerprint } from '#contract/names.ts';
import { storageError } from '../../core/errors.ts';
import { openRegular } from '../../posix/open-regular.ts';
import { backingNameOf, inspectedBytes } from '../convert/qcow2-header.ts';

/**
 * The images that disks stand on of instances whose records do not tell it, with the instances' names: read from the
 * disks themselves, so that an instance whose record cannot be read keeps its image. Where a record tells, no disk is
 * looked at: a machine writes in the header of its disk what it likes, and others' images are not its to hold.
 *
 * @param isTold whether the record of the instance of that name tells what it stands on
 * @throws HelperError storage.failed: what cannot be seen is not absent
 */
export async function disksOnImages(
  instancesDirectory: string,
  isTold: (name: string) => boolean,
): Promise<ReadonlyMap<Fingerprint, readonly string[]>> {
  const users = new Map<Fingerprint, string[]>();
  try {
    for (const name of await namesIn(instancesDirectory)) {
      if (name.startsWith('.') || isTold(name)) continue; // with a dot: no instance yet, or none any more
      for (const file of await namesIn(path.join(instancesDirectory, name))) {
        const image = file.endsWith('.qcow2') ? await readImage(path.join(instancesDirectory, name, file)) : undefined;
        if (image !== undefined) users.set(image, [...new Set([...(users.get(image) ?? []), name])]);
      }
    }
  } catch (error) {
    throw storageError('lookAtDisksIn', instancesDirectory, error);
  }
  return users;
}

/** Nothing where the directory is not there, or is no directory: an instance may be purged meanwhile. */
async function namesIn(directory: string): Promise<readonly string[]> {
  return await readdir(directory).catch(ignoreGone([]));
}

/** The vault names an image's directory by its fingerprint. */
async function readImage(file: string): Promise<Fingerprint | undefined> {
  const handle = await openRegular(file).catch(ignoreGone(undefined));
  if (!handle) return undefined;
  try {
    const head = Buffer.alloc(inspectedBytes);
    const { bytesRead } = await handle.read(head, 0, head.length, 0);
    const backing = backingNameOf(head.subarray(0, bytesRead));
    return backing === undefined ? undefined : fingerprint.safeParse(path.basename(path.dirname(backing))).data;
  } finally {
    await handle.close();
  }
}

function ignoreGone<Value>(value: Value): (error: unknown) => Value {
  return (error) => {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR'))
      return value;
    throw error;
  };
}
