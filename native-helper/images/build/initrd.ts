// SPDX-License-Identifier: MIT
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { directoryMode, fileMode, linkMode, packCpio, programMode, type CpioEntry } from './cpio.ts';

interface InitrdParts {
  readonly busybox: string;
  readonly init: string;
  /** Module files in load order: always loaded, and only where those do not show the root file system. */
  readonly modules: { readonly first: readonly string[]; readonly later: readonly string[] };
}

/** A minimal initrd: busybox, the modules that reach the disk, and a script that mounts it. */
export async function packInitrd(parts: InitrdParts): Promise<Buffer> {
  const entries: CpioEntry[] = ['bin', 'dev', 'proc', 'sys', 'root', 'modules', 'modules/first', 'modules/later'].map(
    (name) => ({ path: name, mode: directoryMode }),
  );
  entries.push(
    { path: 'bin/busybox', mode: programMode, data: await readFile(parts.busybox) },
    { path: 'bin/sh', mode: linkMode, data: Buffer.from('busybox') },
    { path: 'init', mode: programMode, data: await readFile(parts.init) },
  );
  for (const group of ['first', 'later'] as const) {
    for (const [index, file] of parts.modules[group].entries()) {
      const name = `${String(index).padStart(2, '0')}-${path.basename(file)}`;
      entries.push({ path: `modules/${group}/${name}`, mode: fileMode, data: await readFile(file) });
    }
  }
  return promisify(gzip)(packCpio(entries), { level: 1 });
}
