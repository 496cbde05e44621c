// SPDX-License-Identifier: MIT
import { copyFile, link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { assetsDirectory } from '../../native-helper/core/assets.ts';
import { parseList } from '../../native-helper/images/build/guest-files.ts';
import { packInitrd } from '../../native-helper/images/build/initrd.ts';
import { loadOrder, parseModulesDep } from '../../native-helper/images/build/kernel-modules.ts';
import { labKernel, labKernelDirectory } from '../lab/lab-kernel.ts';

const tiny = path.resolve(import.meta.dirname, '../../.cache/images/tiny');

/**
 * Seed images with tiny as it is, but for its kernel: Debian's for all computers instead of the one for clouds, which
 * is built without 9p. Its modules are loaded from the initrd, those of `more` too, and not those of `less`. Remove the
 * directory afterwards.
 */
export async function genericKernelImages(
  directory: string,
  { more, less }: { readonly more: readonly string[]; readonly less: readonly string[] },
): Promise<string> {
  const { kernel, packages, modules } = { kernel: (await labKernel()).kernel, ...(await labKernelDirectory()) };
  const image = path.join(directory, 'tiny');
  await rm(image, { recursive: true, force: true });
  await mkdir(image, { recursive: true });
  for (const file of ['disk.qcow2', 'image.json'])
    await link(path.join(tiny, file), path.join(image, file)).catch(
      async () => await copyFile(path.join(tiny, file), path.join(image, file)),
    );
  await copyFile(kernel, path.join(image, 'kernel'));
  const guest = path.join(assetsDirectory, 'guests/tiny');
  const listed = parseList(await readFile(path.join(guest, 'modules.txt'), 'utf8')).map((name) =>
    name.replace(/^[+?]/, ''),
  );
  const index = parseModulesDep(await readFile(path.join(modules, 'modules.dep'), 'utf8'));
  const first = loadOrder(
    index,
    [...listed, 'ext4', ...more].filter((name) => !less.includes(name)),
  );
  await writeFile(
    path.join(image, 'initrd'),
    await packInitrd({
      busybox: path.join(packages, 'bin/busybox'),
      init: path.join(guest, 'initrd-init'),
      modules: { first: first.map((file) => path.join(modules, file)), later: [] },
    }),
  );
  return directory;
}
