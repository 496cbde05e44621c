// SPDX-License-Identifier: MIT
import { chown, copyFile, link, open, readFile, readdir } from 'node:fs/promises';
import path from 'node:path';
import { HelperError, messageOf } from '../../core/errors.ts';
import type { Logger } from '../../core/log.ts';
import { parseDocument } from '../../store/document.ts';
import { digestOf } from './file-digest.ts';
import { imageDocument, type ImageRecord } from './image-record.ts';
import type { Vault } from './vault.ts';

/**
 * Takes an image made beforehand (its directory as the builder leaves it) into the vault; the directory stays.
 * @throws HelperError image.checksum-mismatch
 */
export async function adoptImage(directory: string, vault: Vault, signal: AbortSignal): Promise<ImageRecord> {
  const file = path.join(directory, 'image.json');
  const described = parseDocument(imageDocument, await readFile(file, 'utf8'), file);
  const present = vault.get(described.fingerprint);
  if (present && present.origin !== 'imported') return await vault.claimNames(described);
  const disk = path.join(directory, 'disk.qcow2');
  const actual = await digestOf(disk, signal);
  if (actual !== described.fingerprint)
    throw new HelperError('image.checksum-mismatch', { path: disk, actual, expected: described.fingerprint });
  return await vault.take(async (staged) => {
    for (const name of ['disk.qcow2', ...(described.boot === 'kernel' ? ['kernel', 'initrd'] : [])])
      await linkOrCopy(path.join(directory, name), path.join(staged, name));
    return described;
  });
}

/** {@link adoptImage} for every image below a directory; one that is not usable is reported and left out. */
export async function adoptImages(
  directory: string,
  { vault, log, signal }: { readonly vault: Vault; readonly log: Logger; readonly signal: AbortSignal },
): Promise<void> {
  for (const name of await readdir(directory)) {
    if (name.startsWith('.') || name.endsWith('.partial')) continue;
    await adoptImage(path.join(directory, name), vault, signal).catch((error: unknown) => {
      log.error({ image: name, reason: messageOf(error) }, 'a ready image was not taken into the vault');
    });
  }
}

/** A link costs nothing, where both lie on one file system and the file is already what the vault's files are. */
async function linkOrCopy(from: string, to: string): Promise<void> {
  const isOurs = await isReadOnlyOfOurs(from);
  if (isOurs) {
    try {
      await link(from, to);
      return;
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && (error.code === 'EXDEV' || error.code === 'EPERM')))
        throw error;
    }
  }
  await copyFile(from, to);
  await chown(to, process.getuid?.() ?? 0, process.getgid?.() ?? 0);
}

async function isReadOnlyOfOurs(file: string): Promise<boolean> {
  const handle = await open(file, 'r');
  try {
    const { uid, mode } = await handle.stat();
    return uid === process.getuid?.() && (mode & 0o777) === 0o444;
  } finally {
    await handle.close();
  }
}
