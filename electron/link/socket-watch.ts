// SPDX-License-Identifier: MIT
import { existsSync, watch, type FSWatcher } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Calls `onChange` when the named file appears in the directory or changes its rights; while the
 * directory itself is missing, its nearest existing parent is watched. Node's fs.watch is inotify(7)
 * here, which also reports a socket's chmod. Returns the way to stop.
 */
export function watchSocket(directory: string, fileName: string, onChange: () => void): () => void {
  let watcher: FSWatcher | undefined;
  let isStopped = false;

  const attach = (): void => {
    watcher?.close();
    if (isStopped) return;
    const target = nearestExisting(directory);
    try {
      watcher = watch(target, { persistent: false }, (_, changed) => {
        if (isStopped) return;
        // A level of the path came or went: watch what now is the nearest.
        const hasMoved = target !== nearestExisting(directory);
        if (hasMoved) attach();
        if (hasMoved || (target === directory && changed === fileName)) onChange();
      });
      watcher.on('error', attach);
    } catch {
      // No watch to be had (limit reached, no right): the back-off alone finds the helper.
      watcher = undefined;
    }
  };
  attach();

  return () => {
    isStopped = true;
    watcher?.close();
  };
}

function nearestExisting(directory: string): string {
  let current = directory;
  while (!existsSync(current) && dirname(current) !== current) current = dirname(current);
  return current;
}
