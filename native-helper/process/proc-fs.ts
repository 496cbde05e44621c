// SPDX-License-Identifier: MIT
import { readFile, readlink } from 'node:fs/promises';
import { sentence } from '#messages/say.ts';
import { HelperError, messageOf } from '../core/errors.ts';
import type { ProcessRef } from '../core/seams/processes.ts';

export interface ProcessStat {
  readonly pid: number;
  readonly state: string;
  readonly parentPid: number;
  readonly startTicks: number;
}

/** The `stat` of a process; undefined when there is none. A zombie has one, with state Z. */
export async function readStat(pid: number): Promise<ProcessStat | undefined> {
  const text = await readProc(`/proc/${pid}/stat`);
  return text === undefined ? undefined : parseStat(text);
}

/**
 * Parses /proc/<pid>/stat (proc(5)): pid (comm) state ppid …, the start time is field 22. The
 * command's name may hold blanks, parentheses and newlines, so fields are counted from the last ')'.
 */
export function parseStat(text: string): ProcessStat | undefined {
  const open = text.indexOf('(');
  const close = text.lastIndexOf(')');
  if (open < 0 || close < open) return undefined;
  const fields = text
    .slice(close + 1)
    .trim()
    .split(/\s+/);
  const [state, parent] = fields;
  const stat = {
    pid: Number(text.slice(0, open)),
    state: state ?? '',
    parentPid: Number(parent),
    startTicks: Number(fields[22 - 3]),
  };
  const isWhole =
    Number.isInteger(stat.pid) &&
    stat.state.length === 1 &&
    Number.isInteger(stat.parentPid) &&
    Number.isSafeInteger(stat.startTicks);
  return isWhole ? stat : undefined;
}

/** A reference to the process that has `pid` now; undefined when none lives (a zombie is dead). */
export async function referTo(pid: number): Promise<ProcessRef | undefined> {
  const stat = await readStat(pid);
  return stat === undefined || isDead(stat) ? undefined : { pid, startTicks: stat.startTicks };
}

/** Whether that very process still lives: the pid may belong to another by now. */
export async function isAlive(ref: ProcessRef): Promise<boolean> {
  const stat = await readStat(ref.pid);
  return stat !== undefined && !isDead(stat) && stat.startTicks === ref.startTicks;
}

/** The path of the executable, ` (deleted)` removed: a package update replaces the file under a running process. */
export async function executableOf(pid: number): Promise<string | undefined> {
  return (await readProcLink(`/proc/${pid}/exe`))?.replace(/ \(deleted\)$/, '');
}

/** The fields of /proc/<pid>/status by name. */
export async function readStatus(pid: number): Promise<ReadonlyMap<string, string> | undefined> {
  const text = await readProc(`/proc/${pid}/status`);
  if (text === undefined) return undefined;
  const lines = text.split('\n').map((line) => /^([^:]+):\s*(.*)$/.exec(line));
  return new Map(lines.flatMap((match) => (match ? [[match[1] ?? '', match[2] ?? '']] : [])));
}

/** What identifies a namespace of a process, such as `mnt:[4026531841]`. */
export function namespaceOf(pid: number | 'self', kind: 'mnt' | 'net' | 'ipc' | 'uts'): Promise<string | undefined> {
  return readProcLink(`/proc/${pid}/ns/${kind}`);
}

function isDead(stat: ProcessStat): boolean {
  return stat.state === 'Z' || stat.state === 'X' || stat.state === 'x';
}

/** A file of /proc; undefined when its process is gone. */
export function readProc(path: string): Promise<string | undefined> {
  return unlessGone(path, readFile(path, 'utf8'));
}

function readProcLink(path: string): Promise<string | undefined> {
  return unlessGone(path, readlink(path));
}

/** ENOENT and ESRCH say that the process is gone; any other failure says nothing, so it is thrown. */
async function unlessGone(path: string, reading: Promise<string>): Promise<string | undefined> {
  try {
    return await reading;
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOENT' || code === 'ESRCH') return undefined;
    throw new HelperError(
      'storage.failed',
      { action: sentence('storage.action', { action: 'read' }), path, reason: messageOf(error) },
      { cause: error },
    );
  }
}

/**
 * Another one after each boot of the host (random(4)): what was written in this boot is there, on the medium or not
 * yet.
 */
export async function hostBootId(): Promise<string> {
  return (await readFile('/proc/sys/kernel/random/boot_id', 'utf8')).trim();
}
