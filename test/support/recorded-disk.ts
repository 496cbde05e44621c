// SPDX-License-Identifier: MIT
import { execFile } from 'node:child_process';
import { open, readFile, rm, type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);
const mebibyte = 1024 ** 2;
/** The kernel detaches a loop device some time after its last user. */
const letGoMs = 30_000;
/** Sparse; nothing here writes as much. */
const logBytes = 4096 * mebibyte;

/** Makes an empty disk that is complete: nothing of it is made later, in the background. */
export async function makeDisk(file: string, mebibytes: number): Promise<void> {
  await makeEmpty(file, mebibytes * mebibyte);
  await run('mkfs.ext4', ['-q', '-F', '-E', 'lazy_itable_init=0,lazy_journal_init=0', file]);
}

/** A file of holes, a new one. */
async function makeEmpty(file: string, bytes: number): Promise<void> {
  await rm(file, { force: true });
  await using handle = await open(file, 'wx', 0o600);
  await handle.truncate(bytes);
}

export async function mountDisk(file: string, place: string): Promise<void> {
  await run('mount', ['-o', 'loop', file, place]);
}

/** Afterwards the file may be written anew: a loop device that still had it would show what was there before. */
export async function unmountDisk(place: string): Promise<void> {
  const { stdout: device } = await run('findmnt', ['--noheadings', '--output', 'SOURCE', '--mountpoint', place]);
  const backing = `/sys/block/${path.basename(device.trim())}/loop/backing_file`;
  const file = await fileBehind(backing);
  for (let attempt = 1; ; attempt += 1) {
    try {
      await run('umount', [place]);
      break;
    } catch (error) {
      if (attempt === 20) throw error;
      await delay(100); // a process that was killed has not let go yet
    }
  }
  for (
    const limit = AbortSignal.timeout(letGoMs);
    file !== undefined && (await fileBehind(backing)) === file;
    await delay(10)
  )
    limit.throwIfAborted();
}

/** What a loop device shows; undefined where it is nobody's. */
async function fileBehind(backing: string): Promise<string | undefined> {
  return await readFile(backing, 'utf8').catch(() => undefined);
}

/**
 * A disk whose every write and flush is noted in their order, by QEMU's blklogwrites between the file and the kernel's
 * file system (the form is that of the kernel's dm-log-writes). It is mounted like any other.
 */
export class RecordedDisk implements AsyncDisposable {
  readonly #file: string;
  readonly #place: string;
  readonly #log: string;
  readonly #pid: number;

  private constructor(file: string, place: string, pid: number) {
    this.#file = file;
    this.#place = place;
    this.#log = `${file}.log`;
    this.#pid = pid;
  }

  /** Mounts the disk of `file` at `place`. What was recorded of it before is forgotten. */
  static async mount(file: string, place: string): Promise<RecordedDisk> {
    const [log, pidFile] = [`${file}.log`, `${file}.pid`];
    await makeEmpty(log, logBytes);
    const node = (name: string, more: string): string[] => ['--blockdev', `node-name=${name},${more}`];
    await run('qemu-storage-daemon', [
      '--daemonize',
      '--pidfile',
      pidFile,
      ...node('file', `driver=file,filename=${file}`),
      ...node('disk', 'driver=raw,file=file'),
      ...node('log-file', `driver=file,filename=${log}`),
      ...node('log', 'driver=raw,file=log-file'),
      ...node('recorded', 'driver=blklogwrites,file=disk,log=log'),
      '--export',
      `type=fuse,id=disk,node-name=recorded,mountpoint=${file},writable=on`,
    ]);
    const pid = Number(await readFile(pidFile, 'utf8'));
    await mountDisk(file, place);
    return new RecordedDisk(file, place, pid);
  }

  /** How often the disk was told to keep what it had. */
  async flushes(): Promise<number> {
    await using log = await open(this.#log);
    return (await entriesOf(log)).filter(({ isFlush }) => isFlush).length;
  }

  /** Unmounts it; afterwards the log is whole. */
  async [Symbol.asyncDispose](): Promise<void> {
    await unmountDisk(this.#place);
    process.kill(this.#pid, 'SIGTERM');
    while (await readFile('/proc/self/mounts', 'utf8').then((mounts) => mounts.includes(` ${this.#file} `)))
      await delay(20);
  }

  /**
   * Writes to `copy` what a disk that was cut off keeps for sure: what `base` had, and all that was written before the
   * flush of that number, counted from 1; nothing of what came after.
   */
  async cutOff(base: string, copy: string, flush: number): Promise<void> {
    await run('cp', ['--sparse=always', base, copy]);
    await using log = await open(this.#log);
    await using disk = await open(copy, 'r+');
    let seen = 0;
    for (const { isFlush, at, dataAt, bytes } of await entriesOf(log)) {
      if (isFlush && (seen += 1) === flush) return;
      if (bytes === 0) continue;
      const data = Buffer.allocUnsafe(bytes);
      await log.read(data, 0, bytes, dataAt);
      await disk.write(data, 0, bytes, at);
    }
  }
}

interface LogEntry {
  readonly isFlush: boolean;
  /** Where on the disk, where in the log, and how much. */
  readonly at: number;
  readonly dataAt: number;
  readonly bytes: number;
}

/**
 * Kernel documentation, device-mapper/log-writes: a super block, then each entry in a sector of its own with its data
 * behind it.
 */
const magic = 0x6a736677736872n;
const flag = { flush: 1n, discard: 4n } as const;

async function entriesOf(log: FileHandle): Promise<LogEntry[]> {
  const head = Buffer.alloc(32);
  await log.read(head, 0, head.length, 0);
  if (head.readBigUInt64LE(0) !== magic) return []; // not begun
  const [count, sector] = [Number(head.readBigUInt64LE(16)), head.readUInt32LE(24)];
  const entries: LogEntry[] = [];
  for (let position = sector; entries.length < count;) {
    await log.read(head, 0, head.length, position);
    const flags = head.readBigUInt64LE(16);
    // what was discarded may be read as anything: it is left as it was
    const bytes = (flags & flag.discard) === 0n ? Number(head.readBigUInt64LE(8)) * sector : 0;
    entries.push({
      isFlush: (flags & flag.flush) !== 0n,
      at: Number(head.readBigUInt64LE(0)) * sector,
      dataAt: position + sector,
      bytes,
    });
    position += sector + bytes;
  }
  return entries;
}
