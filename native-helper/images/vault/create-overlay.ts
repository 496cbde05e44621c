// SPDX-License-Identifier: MIT
import { open } from 'node:fs/promises';
import { sentence } from '#messages/say.ts';
import { HelperError, storageError } from '../../core/errors.ts';
import type { OverlayRequest } from '../../core/seams/images.ts';
import { emptyOverlay } from './qcow2-overlay.ts';

/**
 * A qcow2 overlay on a vault image, mode 0600, its owner's; durable when this resolves.
 * @throws HelperError request.invalid for a disk smaller than the image, storage.failed
 */
export async function createOverlay(
  { base, path: file, sizeBytes, owner }: OverlayRequest,
  signal: AbortSignal,
): Promise<void> {
  if (sizeBytes < base.image.virtualBytes)
    throw new HelperError('request.invalid', {
      reason: sentence('image.disk-smaller-than-image', { bytes: base.image.virtualBytes }),
    });
  signal.throwIfAborted();
  try {
    const handle = await open(file, 'wx', 0o600);
    try {
      await handle.writeFile(emptyOverlay(base.diskPath, sizeBytes));
      await handle.chown(owner.uid, owner.gid);
      await handle.datasync();
    } finally {
      await handle.close();
    }
  } catch (error) {
    throw storageError('create', file, error);
  }
}
