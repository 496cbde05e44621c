// SPDX-License-Identifier: MIT
/**
 * A program of its own that watches one folder as the user whose it is: `main.ts FOLDER`. For each batch of changes it
 * writes entries `MODE PATH` to stdout, each ended by NUL, then an empty one; paths are bytes, below the folder. On
 * stderr are lines of JSON: what was left out, or why it watches no more.
 */
import { createHash } from 'node:crypto';
import { constants, watch, type FSWatcher } from 'node:fs';
import { lstat, readdir } from 'node:fs/promises';
import { becomeUser, becomeVariable } from '../../process/become-user.ts';
import { hasEchoed, isIgnored, limits } from './changes.ts';

const slash = Buffer.from('/');
const watchers = new Map<string, FSWatcher>();
const told = new Map<string, string>();
const pending = new Map<string, Buffer>();
let timer: NodeJS.Timeout | undefined;
let isBegun = false;
let leftOut = 0;

if (process.env[becomeVariable] !== undefined) becomeUser();
process.chdir(process.argv[2] ?? '.');
await add(Buffer.from('.'));
isBegun = true;
report({ watching: watchers.size });

/** Watches a folder and those below it. Links are not followed. */
async function add(folder: Buffer): Promise<void> {
  const key = folder.toString('latin1');
  if (watchers.has(key)) return;
  if (watchers.size >= limits.folders) return stop(`it has more than ${limits.folders} folders`);
  try {
    const watcher = watch(folder, { encoding: 'buffer' }, (_event, name) => { if (name !== null) void changed(Buffer.concat([folder, slash, name])); });
    watcher.on('error', () => drop(key));
    watchers.set(key, watcher);
    for (const entry of await readdir(folder, { withFileTypes: true, encoding: 'buffer' })) {
      const path = Buffer.concat([folder, slash, entry.name]);
      if (isIgnored(entry.name.toString('latin1'))) continue;
      if (entry.isDirectory()) await add(path);
      // What was made before its folder was watched is new as well.
      if (isBegun) pend(path);
    }
  } catch (error) {
    drop(key);
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOSPC' || code === 'EMFILE') stop('the user has no more watches (fs.inotify.max_user_watches)');
    if (folder.length === 1 && code !== undefined) stop(`it cannot be read (${code})`);
  }
}

async function changed(path: Buffer): Promise<void> {
  const name = path.subarray(path.lastIndexOf(0x2f) + 1);
  if (isIgnored(name.toString('latin1'))) return;
  pend(path);
  const status = await lstat(path).catch(() => undefined); // gone already
  const key = path.toString('latin1');
  if (status?.isDirectory()) await add(path);
  else if (watchers.has(key)) drop(key);
}

function pend(path: Buffer): void {
  pending.set(path.toString('latin1'), path);
  // Not before it has been quiet, so that what is made in many steps is told once, with its last mode.
  clearTimeout(timer);
  timer = setTimeout(() => void flush(), limits.quietMs);
}

async function flush(): Promise<void> {
  const paths = [...pending.values()];
  pending.clear();
  const entries = new Map<string, Buffer>();
  for (const path of paths) {
    const entry = await entryOf(path);
    if (entry && entries.size < limits.batch) entries.set(entry.path.toString('latin1'), Buffer.from(`${entry.mode.toString(8)} ${entry.path.toString('latin1')}\0`, 'latin1'));
    else if (entry) leftOut += 1;
  }
  if (leftOut > 0) report({ leftOut });
  leftOut = 0;
  if (entries.size > 0) process.stdout.write(Buffer.concat([...entries.values(), Buffer.from('\0')]));
}

/** What to tell of a path: the file, or the folder it is gone from. Nothing where our own telling came back. */
async function entryOf(path: Buffer): Promise<{ readonly path: Buffer; readonly mode: number } | undefined> {
  const status = await lstat(path, { bigint: true }).catch(() => undefined);
  if (!status) {
    const parent = path.subarray(0, path.lastIndexOf(0x2f));
    return parent.length === 0 ? undefined : await entryOf(parent);
  }
  const type = Number(status.mode) & constants.S_IFMT;
  if (type !== constants.S_IFREG && type !== constants.S_IFDIR) return undefined;
  const state = createHash('sha1').update(`${status.ino} ${status.mtimeNs} ${status.size} ${status.mode}`).digest('base64');
  return hasEchoed(told, path.toString('latin1'), state) ? undefined : { path, mode: Number(status.mode) & 0o7777 };
}

function drop(key: string): void {
  watchers.get(key)?.close();
  watchers.delete(key);
}

function report(line: object): void {
  process.stderr.write(`${JSON.stringify(line)}\n`);
}

function stop(reason: string): never {
  report({ reason });
  process.exit(1);
}
