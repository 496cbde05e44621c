// SPDX-License-Identifier: MIT

/** What a watched folder may cost. */
export const limits = {
  folders: 8192,
  /** Paths told at a time. */
  batch: 500,
  batchBytes: 256 * 1024,
  /** A change is told when it has been quiet for so long, so that what is made in many steps is told once. */
  quietMs: 200,
  /** One file that is always being written holds the others back no longer than this. */
  longestWaitMs: 1000,
  /** Paths that wait to be told; beyond them the tree is looked at. */
  pending: 50_000,
  /** What one look at the tree sees and tells. */
  looked: 500_000,
  toldByLook: 100_000,
  /** Between two looks. */
  lookEveryMs: 5000,
  /** Twice what one look tells: all of it comes back as changes of ours, which are known by that. */
  remembered: 200_000,
};

/** Made by machines in such numbers that nobody waits for a single change. */
const ignored = new Set(['.git', '.hg', '.svn', 'node_modules', '.cache', '__pycache__', '.venv', '.DS_Store']);
const ignoredEndings = ['~', '.swp', '.swx', '.tmp'];

/** Whether neither a file or folder of this name nor what lies below it is told. */
export function isIgnored(name: string): boolean {
  return ignored.has(name) || ignoredEndings.some((ending) => name.endsWith(ending));
}

/**
 * Whether a path was told in this very state: telling it changes its time of change here too, and would come back
 * for ever. Remembers the state otherwise.
 */
export function hasEchoed(told: Map<string, string>, path: string, state: string): boolean {
  if (told.get(path) === state) return true;
  told.delete(path);
  told.set(path, state);
  if (told.size > limits.remembered) told.delete(told.keys().next().value ?? '');
  return false;
}
