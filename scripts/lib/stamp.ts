// SPDX-License-Identifier: MIT
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { root } from './paths.ts';

/** sha256 over the names and contents of files; folders count with all that is below them, absent ones as empty. */
export function hashOf(entries: readonly string[], ...extra: readonly string[]): string {
  const hash = createHash('sha256');
  for (const file of entries.flatMap(filesBelow))
    hash.update(`${file}\0`).update(fs.readFileSync(path.join(root, file)));
  for (const text of extra) hash.update(`\0${text}`);
  return hash.digest('hex');
}

function filesBelow(entry: string): readonly string[] {
  const absolute = path.join(root, entry);
  const status = fs.statSync(absolute, { throwIfNoEntry: false });
  if (status === undefined) return [];
  if (status.isFile()) return [entry];
  const names = fs.readdirSync(absolute, { recursive: true, encoding: 'utf8' }).toSorted();
  return names.map((name) => path.join(entry, name)).filter((name) => fs.statSync(path.join(root, name)).isFile());
}

/** True when `stamp` holds `hash`, so that the work it stands for is done. */
export function isDone(stamp: string, hash: string): boolean {
  return fs.existsSync(stamp) && fs.readFileSync(stamp, 'utf8') === hash;
}

/** Remembers that the work is done; call it last. */
export function markDone(stamp: string, hash: string): void {
  fs.mkdirSync(path.dirname(stamp), { recursive: true });
  fs.writeFileSync(stamp, hash);
}
