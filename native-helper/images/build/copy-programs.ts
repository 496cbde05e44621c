// SPDX-License-Identifier: MIT
import { chmod, copyFile, mkdir, readFile, readlink } from 'node:fs/promises';
import path from 'node:path';
import { sentence } from '#messages/say.ts';
import { HelperError } from '../../core/errors.ts';
import { neededLibraries } from './elf.ts';

const libraryDirectories = [
  '/lib/x86_64-linux-gnu',
  '/usr/lib/x86_64-linux-gnu',
  '/usr/libexec/sudo',
  '/lib64',
  '/usr/lib',
];
const loader = '/lib64/ld-linux-x86-64.so.2';

/**
 * Copies programs and every library they need, however deep, from one tree to another, to the same
 * paths. Links inside `from` are followed within it.
 * @throws HelperError image.build-failed for a program or library that is not there
 */
export async function copyPrograms(from: string, to: string, programs: readonly string[]): Promise<void> {
  const copied = new Set<string>();
  const waiting = [loader, ...programs];
  for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
    if (copied.has(file)) continue;
    copied.add(file);
    const source = await resolveWithin(from, file);
    if (source === undefined)
      throw new HelperError('image.build-failed', {
        image: 'tiny',
        reason: sentence('image.file-in-no-package', { file }),
      });
    const target = path.join(to, file);
    await mkdir(path.dirname(target), { recursive: true });
    await copyFile(source, target);
    await chmod(target, 0o755);
    for (const library of neededLibraries(await readFile(source))) waiting.push(await locate(from, library, file));
  }
}

async function locate(from: string, library: string, neededBy: string): Promise<string> {
  for (const directory of libraryDirectories) {
    const candidate = path.join(directory, library);
    if (await resolveWithin(from, candidate)) return candidate;
  }
  throw new HelperError('image.build-failed', {
    image: 'tiny',
    reason: sentence('image.library-in-no-package', { library, neededBy }),
  });
}

/** The real file behind a path in the tree: an absolute link in it means a path from the tree's own root. */
async function resolveWithin(root: string, file: string): Promise<string | undefined> {
  let current = path.join(root, file);
  for (let links = 0; links < 10; links += 1) {
    const target = await readlink(current).catch((error: NodeJS.ErrnoException) => error.code ?? 'EIO');
    if (target === 'EINVAL') return current; // readlink(2): not a link
    if (target === 'ENOENT') return undefined;
    current = path.isAbsolute(target) ? path.join(root, target) : path.resolve(path.dirname(current), target);
  }
  return undefined;
}
