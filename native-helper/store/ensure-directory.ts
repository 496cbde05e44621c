// SPDX-License-Identifier: MIT
import { mkdir, stat } from 'node:fs/promises';
import { storageError } from '../core/errors.ts';
import type { Logger } from '../core/log.ts';
import { setAside } from './set-aside.ts';

/**
 * Makes a directory of the state where there is none. What is there in its place, and is none, is set aside; a link to
 * a directory is one.
 */
export async function ensureDirectory(directory: string, log: Logger, mode = 0o700): Promise<void> {
  try {
    await mkdir(directory, { recursive: true, mode }).catch(() => {}); // what it is tells more
    const found = await stat(directory).catch(() => undefined); // a link that leads nowhere
    if (found?.isDirectory() === true) return;
    log.error({ directory, aside: await setAside(directory) }, 'what is no directory was set aside');
    await mkdir(directory, { mode });
  } catch (error) {
    throw storageError('create', directory, error);
  }
}
