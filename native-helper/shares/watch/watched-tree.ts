// SPDX-License-Identifier: MIT
import { watch, type BigIntStats, type Dirent, type FSWatcher } from 'node:fs';
import { lstat, readdir } from 'node:fs/promises';
import { isIgnored, limits } from './changes.ts';
import type { OverflowMeter } from './overflow-meter.ts';

interface WatchedTreeOptions {
  readonly meter: OverflowMeter;
  /** Told of each path, in latin1; false where no more may wait. */
  readonly changed: (path: string) => boolean;
  /** So many changes nobody will hear of. */
  readonly lost: (count: number) => void;
  readonly stop: (reason: string) => never;
}

interface Watched {
  readonly watcher: FSWatcher;
  /** Tells a folder from one that took its name. */
  readonly inode: bigint;
}

interface Found {
  readonly path: string;
  readonly status?: BigIntStats;
  /** It was not watched when what is in it was made. */
  readonly isNew: boolean;
}

/** The working directory and the folders below it, watched. Links are not followed. Paths are bytes in latin1. */
export class WatchedTree {
  readonly #options: WatchedTreeOptions;
  readonly #watched = new Map<string, Watched>();
  #isBegun = false;

  constructor(options: WatchedTreeOptions) {
    this.#options = options;
  }

  /** How many folders are watched. */
  get size(): number {
    return this.#watched.size;
  }

  async begin(): Promise<void> {
    await this.#add('.');
    this.#isBegun = true;
  }

  /**
   * Goes over all of the tree, watches what is not watched yet, and tells what changed since: `tell` resolves with how
   * many of the paths it told. What is beyond the limits is lost.
   */
  async look(sinceMs: number, tell: (paths: readonly string[]) => Promise<number>): Promise<void> {
    const seen = new Set<string>();
    let [looked, told, left] = [0, 0, 0];
    let changed: string[] = [];
    for await (const { path, isNew, status } of this.#walk(seen)) {
      if (looked >= limits.looked || told >= limits.toldByLook) {
        left += 1;
        continue;
      }
      looked += 1;
      if (isNew || changedSince(status ?? (await statusOf(path)), sinceMs)) changed.push(path);
      if (changed.length < limits.batch) continue;
      told += await tell(changed);
      changed = [];
    }
    await tell(changed);
    if (left > 0) this.#options.lost(left);
    for (const path of this.#watched.keys()) if (!seen.has(path)) this.#drop(path);
  }

  /**
   * All of the tree, each folder before what is in it and watched before that is read; `folders` get the names of
   * folders.
   */
  async *#walk(folders: Set<string>): AsyncGenerator<Found> {
    const left: Found[] = [{ path: '.', isNew: false }];
    for (let next = left.pop(); next; next = left.pop()) {
      const { path } = next;
      const status = await statusOf(path);
      if (status === undefined || !status.isDirectory()) continue;
      const isNew = this.#watch(path, status.ino) || next.isNew;
      folders.add(path);
      yield { path, isNew, status };
      for (const entry of await entriesOf(path)) {
        if (entry.isDirectory()) left.push({ path: below(path, entry), isNew });
        else yield { path: below(path, entry), isNew };
      }
    }
  }

  /** Watches a folder and those below it. */
  async #add(folder: string): Promise<void> {
    const status = await statusOf(folder);
    if (status === undefined || !status.isDirectory() || !this.#watch(folder, status.ino)) return;
    let left = 0;
    for (const entry of await entriesOf(folder, (code) => this.#unreadable(folder, code))) {
      const path = below(folder, entry);
      if (entry.isDirectory()) await this.#add(path);
      // What was made before its folder was watched is new as well.
      if (this.#isBegun && !this.#options.changed(path)) left += 1;
    }
    if (left > 0) this.#options.lost(left);
  }

  /** Whether it was not watched before. */
  #watch(folder: string, inode: bigint): boolean {
    const known = this.#watched.get(folder);
    if (known?.inode === inode) return false;
    if (known) this.#drop(folder);
    if (this.#watched.size >= limits.folders) return this.#options.stop(`it has more than ${limits.folders} folders`);
    try {
      const watcher = watch(Buffer.from(folder, 'latin1'), { encoding: 'buffer' }, (_event, name) => {
        this.#options.meter.note();
        if (name !== null) void this.#changed(name.toString('latin1'), folder);
      });
      watcher.on('error', () => this.#drop(folder));
      this.#watched.set(folder, { watcher, inode });
      return true;
    } catch (error) {
      this.#unreadable(folder, (error as NodeJS.ErrnoException).code);
      return false;
    }
  }

  async #changed(name: string, folder: string): Promise<void> {
    if (isIgnored(name)) return;
    const path = `${folder}/${name}`;
    // The look that follows sees it by its time.
    if (!this.#options.changed(path)) return this.#options.meter.suspect();
    const status = await statusOf(path); // gone already where there is none
    if (status?.isDirectory()) await this.#add(path);
    else if (this.#watched.has(path)) this.#drop(path);
  }

  #unreadable(folder: string, code: string | undefined): void {
    this.#drop(folder);
    if (code === 'ENOSPC') this.#options.stop('the user has no more watches (fs.inotify.max_user_watches)');
    if (code === 'EMFILE') this.#options.stop('the user has no more inotify instances (fs.inotify.max_user_instances)');
    if (folder === '.' && code !== undefined) this.#options.stop(`it cannot be read (${code})`);
  }

  #drop(folder: string): void {
    this.#watched.get(folder)?.watcher.close();
    this.#watched.delete(folder);
  }
}

function below(folder: string, entry: Dirent<Buffer>): string {
  return `${folder}/${entry.name.toString('latin1')}`;
}

/** Without those that are ignored; none of a folder that cannot be read, whose reason is told. */
async function entriesOf(
  folder: string,
  unreadable: (code: string | undefined) => void = () => {},
): Promise<readonly Dirent<Buffer>[]> {
  try {
    const entries = await readdir(Buffer.from(folder, 'latin1'), { withFileTypes: true, encoding: 'buffer' });
    return entries.filter((entry) => !isIgnored(entry.name.toString('latin1')));
  } catch (error) {
    unreadable((error as NodeJS.ErrnoException).code);
    return [];
  }
}

async function statusOf(path: string): Promise<BigIntStats | undefined> {
  return await lstat(Buffer.from(path, 'latin1'), { bigint: true }).catch(() => undefined);
}

/** By the time that nobody can set. */
function changedSince(status: BigIntStats | undefined, sinceMs: number): boolean {
  return status !== undefined && Number(status.ctimeMs) >= sinceMs;
}
