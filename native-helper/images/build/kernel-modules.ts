// SPDX-License-Identifier: MIT
import path from 'node:path';

/** Kernel modules by name, with the file of each and the files it needs loaded before, nearest last. */
export type ModuleIndex = ReadonlyMap<string, readonly string[]>;

/**
 * Reads modules.dep (modules.dep(5)): `file: needed needed …`, the needed ones in reverse load order.
 * A module's name is its file's base name with `_` for `-`.
 */
export function parseModulesDep(text: string): ModuleIndex {
  const index = new Map<string, readonly string[]>();
  for (const line of text.split('\n')) {
    const [file, rest] = line.split(':');
    if (file === undefined || rest === undefined) continue;
    const needed = rest
      .trim()
      .split(/\s+/)
      .filter((name) => name !== '')
      .reverse();
    index.set(moduleName(file), [...needed, file]);
  }
  return index;
}

/** The files to load for `names`, each once, in load order. A name that is not there is built into the kernel. */
export function loadOrder(index: ModuleIndex, names: readonly string[]): readonly string[] {
  return [...new Set(names.flatMap((name) => index.get(name) ?? []))];
}

function moduleName(file: string): string {
  return path
    .basename(file)
    .replace(/\.ko(?:\.\w+)?$/, '')
    .replaceAll('-', '_');
}
