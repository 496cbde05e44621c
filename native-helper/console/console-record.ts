// SPDX-License-Identifier: MIT
import { EventEmitter } from 'node:events';
import { watch, type FSWatcher } from 'node:fs';
import { open, readFile, stat, type FileHandle } from 'node:fs/promises';
import { z } from 'zod';
import type { ConsoleBoot } from '#contract/console.ts';
import type { Logger } from '../core/log.ts';
import type { ProcessRunner } from '../core/seams/processes.ts';
import { writeDurably } from '../store/durable.ts';
import type { InstanceFiles } from '../store/files.ts';
import { TimeMarks, type TimeMark } from './time-marks.ts';

/** How much of one boot's console is kept, and in what steps the oldest part is let go. */
const keptBytes = 64 * 1024 * 1024;
const releaseStepBytes = 8 * 1024 * 1024;
const saveDelayMs = 5_000;
const readBytes = 256 * 1024;
/** QEMU writes a serial port's bytes one by one: a burst is read in gulps, not once for each of them. */
const gulpMs = 25;

const storedIndex = z.object({
  schema: z.literal(1),
  endOffset: z.int().nonnegative(),
  firstOffset: z.int().nonnegative(),
  spacingMs: z.number(),
  marks: z.array(z.tuple([z.int(), z.number()])),
});

interface ConsoleServices {
  readonly runner: ProcessRunner;
  readonly log: Logger;
}

interface RecordEvents {
  grown: [];
  /** What was printed, in order, for whoever looks for milestones in it. */
  text: [chunk: Buffer];
  ended: [];
}

/**
 * The console of one boot. QEMU itself appends every byte of the serial port to the log file
 * (chardev logfile), so nothing is lost while no helper lives; this class watches that file, notes
 * when bytes came, and keeps its size within bounds by punching holes at its beginning: offsets stay
 * what they are, and QEMU, which appends, is never in the way (fallocate(2), FALLOC_FL_PUNCH_HOLE).
 */
export class ConsoleRecord extends EventEmitter<RecordEvents> {
  readonly number: number;
  readonly #logPath: string;
  readonly #indexPath: string;
  readonly #runner: ProcessRunner;
  readonly #log: Logger;
  #marks = new TimeMarks();
  #endOffset = 0;
  #firstOffset = 0;
  /** Bytes before this have their marks already: an adopted record is read again from its start. */
  #markedOffset = 0;
  #watcher: FSWatcher | undefined;
  #handle: Promise<FileHandle> | undefined;
  #reading: Promise<void> | undefined;
  #nextRead: NodeJS.Timeout | undefined;
  #lastReadMs = 0;
  #saveTimer: NodeJS.Timeout | undefined;
  #isLive = false;

  constructor(number: number, files: InstanceFiles, { runner, log }: ConsoleServices) {
    super();
    this.setMaxListeners(0); // one for each open window
    this.number = number;
    this.#logPath = files.consoleLog(number);
    this.#indexPath = files.consoleIndex(number);
    this.#runner = runner;
    this.#log = log;
  }

  get isLive(): boolean {
    return this.#isLive;
  }

  get endOffset(): number {
    return this.#endOffset;
  }

  get firstOffset(): number {
    return this.#firstOffset;
  }

  get marks(): readonly TimeMark[] {
    return this.#marks.all;
  }

  summary(startedAt: string, endedAt?: string): ConsoleBoot {
    return { number: this.number, startedAt, ...(endedAt === undefined ? {} : { endedAt }), firstOffset: this.#firstOffset, endOffset: this.#endOffset };
  }

  /** Reads what was kept of an earlier boot, or of this one by an earlier helper. */
  async load(): Promise<void> {
    const size = await stat(this.#logPath).then((found) => found.size, () => 0); // never printed: no file
    this.#endOffset = size;
    try {
      const index = storedIndex.parse(JSON.parse(await readFile(this.#indexPath, 'utf8')));
      this.#firstOffset = index.firstOffset;
      this.#markedOffset = index.endOffset;
      this.#marks = new TimeMarks(index.marks.map(([offset, atMs]) => ({ offset, atMs })), index.spacingMs);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') this.#log.warn({ error, file: this.#indexPath }, 'console index unreadable: times are lost, the text is not');
    }
  }

  /**
   * Follows the log from its first kept byte on: an adopted boot is read again, so that its
   * milestones are known.
   */
  follow(): void {
    this.#isLive = true;
    this.#endOffset = this.#firstOffset;
    this.#handle = this.openLog();
    this.#watcher = watch(this.#logPath, () => this.#readSoon());
    this.#readSoon();
  }

  /** The machine has ended: reads the rest, then tells everyone. */
  async end(): Promise<void> {
    if (!this.#isLive) return;
    await this.#stopReading();
    await this.#readNew();
    await (await this.#handle)?.close();
    this.#isLive = false;
    await this.#save();
    this.emit('ended');
  }

  /** Lets go without an end: the helper stops, the machine goes on. */
  async release(): Promise<void> {
    await this.#stopReading();
    await (await this.#handle)?.close();
    if (this.#isLive) await this.#save();
  }

  /** Up to `length` bytes from `offset`; empty at the end. */
  async read(handle: FileHandle, offset: number, length: number): Promise<Buffer> {
    const { bytesRead, buffer } = await handle.read(Buffer.allocUnsafe(length), 0, length, offset);
    return buffer.subarray(0, bytesRead);
  }

  async openLog(): Promise<FileHandle> {
    return await open(this.#logPath, 'r');
  }

  /** The last printed lines, without escape sequences: what explains a failure. */
  async tail(lines: number): Promise<string[]> {
    const handle = await this.openLog();
    try {
      const { size } = await handle.stat();
      const from = Math.max(this.#firstOffset, size - 16 * 1024);
      return plainLines((await this.read(handle, from, size - from)).toString('utf8')).slice(-lines);
    } finally {
      await handle.close();
    }
  }

  /** The first byte after a pause is read at once, what follows it in gulps. */
  #readSoon(): void {
    if (this.#nextRead) return;
    const waitMs = Math.max(0, this.#lastReadMs + gulpMs - performance.now());
    this.#nextRead = setTimeout(() => {
      this.#reading = (this.#reading ?? Promise.resolve())
        .then(() => {
          this.#nextRead = undefined; // what comes from here on needs another read
          return this.#readNew();
        })
        .catch((error: unknown) => this.#log.error({ error, file: this.#logPath }, 'console log unreadable'));
    }, waitMs);
  }

  async #stopReading(): Promise<void> {
    this.#watcher?.close();
    clearTimeout(this.#nextRead);
    await this.#reading;
  }

  async #readNew(): Promise<void> {
    const handle = await this.#handle;
    if (!handle) return;
    for (;;) {
      const chunk = await this.read(handle, this.#endOffset, readBytes);
      if (chunk.length === 0) break;
      // The file's own time: right too for what was printed while no helper lived.
      if (this.#endOffset >= this.#markedOffset) this.#marks.add(this.#endOffset, (await handle.stat()).mtimeMs);
      this.#endOffset += chunk.length;
      this.emit('text', chunk);
      this.emit('grown');
    }
    this.#lastReadMs = performance.now();
    await this.#releaseOldest();
    this.#saveTimer ??= setTimeout(() => void this.#save(), saveDelayMs).unref();
  }

  async #releaseOldest(): Promise<void> {
    if (this.#endOffset - this.#firstOffset <= keptBytes + releaseStepBytes) return;
    const firstOffset = this.#endOffset - keptBytes;
    const args = ['--punch-hole', '--offset', '0', '--length', String(firstOffset), this.#logPath];
    await this.#runner.run({ program: 'fallocate', args, confinement: 'none-needed' }, { signal: AbortSignal.timeout(10_000) });
    this.#firstOffset = firstOffset;
  }

  async #save(): Promise<void> {
    clearTimeout(this.#saveTimer);
    this.#saveTimer = undefined;
    const index = {
      schema: 1,
      endOffset: this.#endOffset,
      firstOffset: this.#firstOffset,
      spacingMs: this.#marks.spacingMs,
      marks: this.#marks.all.map(({ offset, atMs }) => [offset, Math.round(atMs)]),
    };
    // A purge may have taken the directory meanwhile; times of a record that is gone are no loss.
    await writeDurably(this.#indexPath, JSON.stringify(index)).catch((error: unknown) => this.#log.debug({ error }, 'console index not written'));
  }
}

/** Text as a person would read it: no escape sequences, no carriage returns, no empty lines. */
export function plainLines(text: string): string[] {
  // eslint-disable-next-line no-control-regex -- control characters are exactly what is taken out
  const plain = text.replace(/\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)|[@-Z\\-_])/g, '').replace(/[\u0000-\u0008\u000b-\u001f\u007f]/g, '');
  return plain.split('\n').map((line) => line.trimEnd()).filter((line) => line !== '');
}
