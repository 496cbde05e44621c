// SPDX-License-Identifier: MIT
import { lstat, readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { sentence } from '#messages/say.ts';
import { HelperError } from '../../core/errors.ts';

/**
 * Refuses a disk that this computer itself has mounted, or a partition of it: two systems that write one
 * file system destroy it.
 *
 * @throws HelperError hardware.unavailable
 */
export async function requireUnmounted(device: string): Promise<void> {
  const node = path.basename(device);
  const directory = path.join('/sys/class/block', node);
  const stats = await lstat(device).catch(() => undefined);
  if (!stats?.isBlockDevice())
    throw new HelperError('hardware.unavailable', { what: device, reason: sentence('security.no-such-disk') });
  // no sysfs entry: a node by another name
  const parts = (await readdir(directory).catch(() => [])).filter((name) => name.startsWith(node));
  const files = [directory, ...parts.map((name) => path.join(directory, name))].map((each) => path.join(each, 'dev'));
  const numbers = new Set(
    await Promise.all(
      files.map((file) =>
        readFile(file, 'utf8').then(
          (text) => text.trim(),
          () => '',
        ),
      ),
    ),
  );
  numbers.add(`${(stats.rdev >>> 8) & 0xfff}:${(stats.rdev & 0xff) | ((stats.rdev >>> 12) & 0xfff00)}`);
  const mount = (await readFile('/proc/self/mountinfo', 'utf8'))
    .split('\n')
    .map((line) => line.split(' '))
    .find(([, , number = '']) => number !== '' && numbers.has(number));
  if (mount)
    throw new HelperError('hardware.unavailable', {
      what: device,
      reason: sentence('security.disk-mounted', { place: mount[4] ?? '?' }),
    });
}
