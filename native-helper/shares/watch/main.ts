// SPDX-License-Identifier: MIT
/**
 * A program of its own that watches one folder as the user whose it is: `main.ts FOLDER`. For each batch of changes it
 * writes entries `MODE PATH` to stdout, each ended by NUL, then an empty one; paths are bytes, below the folder. It
 * waits while nobody reads. On stderr are lines of JSON: what was left out, or why it watches no more.
 */
import { readFile } from 'node:fs/promises';
import { becomeUser, becomeVariable } from '../../posix/become-user.ts';
import { limits } from './changes.ts';
import { OverflowMeter } from './overflow-meter.ts';
import { Teller } from './teller.ts';
import { WatchedTree } from './watched-tree.ts';

/** Linux' own (inotify(7)), where nobody tells. */
const usualQueue = 16_384;

if (process.env[becomeVariable] !== undefined) becomeUser();
process.chdir(process.argv[2] ?? '.');

const meter = new OverflowMeter(
  Number(await readFile('/proc/sys/fs/inotify/max_queued_events', 'utf8').catch(() => usualQueue)),
);
const teller = new Teller(report);
const tree = new WatchedTree({ meter, changed: pend, lost: (count) => report({ leftOut: count }), stop });
/** Paths in latin1, each once. */
let pending = new Set<string>();
let pendingSinceMs: number | undefined;
let timer: NodeJS.Timeout | undefined;
let isTelling = false;
let lookedAtMs = -Infinity;

await tree.begin();
report({ watching: tree.size });

function pend(path: string): boolean {
  if (pending.size >= limits.pending && !pending.has(path)) return false;
  pending.add(path);
  pendingSinceMs ??= performance.now();
  tellSoon();
  return true;
}

/** Not before it has been quiet, unless it never is. */
function tellSoon(): void {
  if (isTelling) return; // at its end it looks what has come
  clearTimeout(timer);
  const left = (pendingSinceMs ?? performance.now()) + limits.longestWaitMs - performance.now();
  timer = setTimeout(() => void tellAll(), Math.max(0, Math.min(limits.quietMs, left)));
}

async function tellAll(): Promise<void> {
  isTelling = true;
  await tellPending();
  await lookIfDue();
  isTelling = false;
  if (pending.size > 0) tellSoon();
  else if (meter.isSuspected) timer = setTimeout(() => void tellAll(), limits.lookEveryMs);
}

async function tellPending(): Promise<void> {
  const paths = pending;
  pending = new Set();
  pendingSinceMs = undefined;
  await teller.tell(paths);
}

/** A tree that is always changing in such numbers is looked at from time to time. */
async function lookIfDue(): Promise<void> {
  if (!meter.isSuspected || performance.now() < lookedAtMs + limits.lookEveryMs) return;
  const sinceMs = meter.take() ?? 0;
  await tree.look(sinceMs, async (paths) => {
    if (pendingSinceMs !== undefined && performance.now() > pendingSinceMs + limits.longestWaitMs) await tellPending();
    return await teller.tell(paths);
  });
  lookedAtMs = performance.now();
}

function report(line: object): void {
  process.stderr.write(`${JSON.stringify(line)}\n`);
}

function stop(reason: string): never {
  report({ reason });
  process.exit(1);
}
