// SPDX-License-Identifier: MIT
import { open, readdir } from 'node:fs/promises';
import path from 'node:path';
import { fingerprint, type Fingerprint } from '#contract/names.ts';
import { HelperError, messageOf } from '../core/errors.ts';
import { backingNameOf, inspectedBytes } from './qcow2-header.ts';

/**
 * The images that disks of instances stand on, with the instances' names. Read from the disks
 * themselves, so that an instance whose record cannot be read keeps its image, and a snapshot's disk
 * counts like any other.
 * @throws HelperError storage.failed: what cannot be seen is not absent
 */
export async function disksOnImages(instancesDirectory: string): Promise<ReadonlyMap<Fingerprint, readonly string[]>> {
  const users = new Map<Fingerprint, string[]>();
  try {
    for (const name of await namesIn(instancesDirectory)) {
      for (const file of await namesIn(path.join(instancesDirectory, name))) {
        const image = file.endsWith('.qcow2') ? await readImage(path.join(instancesDirectory, name, file)) : undefined;
        if (image !== undefined) users.set(image, [...new Set([...(users.get(image) ?? []), name])]);
      }
    }
  } catch (error) {
    throw new HelperError('storage.failed', { action: 'look at the disks in', path: instancesDirectory, reason: messageOf(error) }, { cause: error });
  }
  return users;
}

/** Nothing where the directory is not there, or is no directory: an instance may be purged meanwhile. */
async function namesIn(directory: string): Promise<readonly string[]> {
  return await readdir(directory).catch(ignoreGone([]));
}

/** The vault names an image's directory by its fingerprint. */
async function readImage(file: string): Promise<Fingerprint | undefined> {
  const handle = await open(file, 'r').catch(ignoreGone(undefined));
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
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR')) return value;
    throw error;
  };
}
