// SPDX-License-Identifier: MIT
import { EventEmitter } from 'node:events';
import { constants } from 'node:fs';
import { lstat, type FileHandle } from 'node:fs/promises';
import type { ConsoleBoot } from '#contract/console.ts';
import type { Logger } from '../core/log.ts';
import { plainLines } from '../core/plain-lines.ts';
import { blockBytes, keepNewest } from '../posix/keep-newest.ts';
import { openRegular } from '../posix/open-regular.ts';
import { watchChanges, type ChangeWatch } from '../posix/watch-changes.ts';
import { readDocument, writeDocument } from '../store/document.ts';
import type { InstanceFiles } from '../store/files.ts';
import { consoleIndexDocument, type ConsoleIndex } from './console-index-document.ts';
import { TimeMarks, type TimeMark } from './time-marks.ts';

/** How much of one boot's console is kept, and in what steps the oldest part is let go. */
const bounds = { keptBytes: 64 * 1024 * 1024, mostBytes: 72 * 1024 * 1024 } as const;
const saveDelayMs = 5_000;
const readBytes = 256 * 1024;
/** QEMU writes a serial port's bytes one by one: a burst is looked at so often, not once for each of them. */
const lookSpacingMs = 50;
/** What a look passes on to those who search the text; of a guest that prints faster they see the newest. */
const searchedBytes = 256 * 1024;
/**
 * At the first look, which may be the first of an adopted boot: all that is kept. A record's length is its machine's to
 * choose.
 */
const searchedFirstBytes = bounds.mostBytes;

interface ConsoleServices {
  readonly log: Logger;
}

interface RecordEvents {
  grown: [];
  /**
   * What was printed, in order, for whoever looks for milestones in it; with gaps where a guest prints more than
   * anybody searches.
   */
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
  readonly #log: Logger;
  /** As an earlier helper, or a later version, left it. */
  #loaded: ConsoleIndex | undefined;
  #marks = new TimeMarks();
  #endOffset = 0;
  #firstOffset = 0;
  /** Bytes before this have their marks already: an adopted record is read again from its start. */
  #markedOffset = 0;
  #watcher: ChangeWatch | undefined;
  #handle: Promise<FileHandle> | undefined;
  #reading: Promise<void> | undefined;
  #nextLook: NodeJS.Timeout | undefined;
  #lastLookMs = 0;
  #hasEnded = false;
  #saveTimer: NodeJS.Timeout | undefined;
  #isLive = false;

  constructor(number: number, files: InstanceFiles, { log }: ConsoleServices) {
    super();
    this.setMaxListeners(0); // one for each open window
    this.number = number;
    this.#logPath = files.consoleLog(number);
    this.#indexPath = files.consoleIndex(number);
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
    return {
      number: this.number,
      startedAt,
      ...(endedAt === undefined ? {} : { endedAt }),
      firstOffset: this.#firstOffset,
      endOffset: this.#endOffset,
    };
  }

  /** Reads what was kept of an earlier boot, or of this one by an earlier helper. */
  async load(): Promise<void> {
    const size = await lstat(this.#logPath).then(
      (found) => found.size,
      () => 0,
    ); // never printed: no file
    this.#endOffset = size;
    try {
      const index = await readDocument(consoleIndexDocument, this.#indexPath);
      if (!index) return;
      this.#loaded = index;
      this.#firstOffset = index.firstOffset;
      this.#markedOffset = index.endOffset;
      this.#marks = new TimeMarks(
        index.marks.map(([offset, atMs]) => ({ offset, atMs })),
        index.spacingMs,
      );
    } catch (error) {
      this.#log.warn({ error, file: this.#indexPath }, 'console index unreadable: times are lost, the text is not');
    }
  }

  /**
   * Follows the log from its first kept byte on: an adopted boot is read again, so that its
   * milestones are known.
   */
  follow(): void {
    this.#isLive = true;
    this.#endOffset = this.#firstOffset;
    this.#watch();
    this.#handle = this.openLog();
    this.#lookSoon();
  }

  /**
   * The machine has ended: reads the rest, then tells everyone. A log that cannot be read keeps nobody from going on.
   */
  async end(): Promise<void> {
    if (!this.#isLive) return;
    await this.#stopLooking();
    await this.#look(this.#lastLookMs === 0 ? searchedFirstBytes : searchedBytes).catch((error: unknown) =>
      this.#log.error({ error, file: this.#logPath }, 'the rest of the console log could not be read'),
    );
    await this.#close();
    this.#isLive = false;
    await this.#save();
    this.emit('ended');
  }

  /** Lets go without an end: the helper stops, the machine goes on. */
  async release(): Promise<void> {
    await this.#stopLooking();
    await this.#close();
    if (this.#isLive) await this.#save();
  }

  /** Where the log could not be opened, {@link #look} has said so. */
  async #close(): Promise<void> {
    const handle = await this.#handle?.catch(() => undefined);
    await handle?.close();
  }

  /** Up to `length` bytes from `offset`; empty at the end. */
  async read(handle: FileHandle, offset: number, length: number): Promise<Buffer> {
    if (length <= 0) return Buffer.alloc(0);
    const { bytesRead, buffer } = await handle.read(Buffer.allocUnsafe(length), 0, length, offset);
    return buffer.subarray(0, bytesRead);
  }

  async openLog(): Promise<FileHandle> {
    return await openRegular(this.#logPath);
  }

  /** The last printed lines, without escape sequences: what explains a failure. */
  async tail(lines: number): Promise<string[]> {
    const handle = await this.openLog();
    try {
      const { size } = await handle.stat();
      const from = Math.min(size, Math.max(this.#firstOffset, size - 16 * 1024)); // the machine may have cut it off
      return plainLines((await this.read(handle, from, size - from)).toString('utf8')).slice(-lines);
    } finally {
      await handle.close();
    }
  }

  /** The first byte after a pause is looked at at once, what follows it a moment later, together. */
  #lookSoon(): void {
    // An event for each byte would be work for each byte: until the look, the kernel is not asked for more.
    this.#watcher?.close();
    this.#watcher = undefined;
    if (this.#nextLook || this.#hasEnded) return;
    const isFirst = this.#lastLookMs === 0;
    const waitMs = Math.max(0, this.#lastLookMs + lookSpacingMs - performance.now());
    this.#nextLook = setTimeout(() => {
      this.#lastLookMs = performance.now();
      this.#reading = this.#lookAndWatch(isFirst ? searchedFirstBytes : searchedBytes).catch((error: unknown) =>
        this.#log.error({ error, file: this.#logPath }, 'console log unreadable'),
      );
    }, waitMs);
  }

  /** Watches before it looks, so that nothing comes in between. */
  async #lookAndWatch(mostSearched: number): Promise<void> {
    try {
      this.#watch();
      await this.#look(mostSearched);
    } finally {
      this.#nextLook = undefined;
      // something came meanwhile, or the kernel has no watch left to give
      if (this.#watcher === undefined) this.#lookSoon();
    }
  }

  #watch(): void {
    const again = (): void => this.#lookSoon();
    this.#watcher = watchChanges(this.#logPath, { onChange: again, onError: again });
  }

  async #stopLooking(): Promise<void> {
    this.#hasEnded = true;
    this.#watcher?.close();
    clearTimeout(this.#nextLook);
    await this.#reading;
    this.#watcher?.close(); // of a look that was under way
  }

  /** Takes in what is there now: one size, and none of what comes while it is read. */
  async #look(mostSearched: number): Promise<void> {
    const handle = await this.#handle;
    if (!handle) return;
    const { size, mtimeMs, blocks } = await handle.stat();
    if (size <= this.#endOffset) {
      await this.#releaseOldest(blocks); // nothing more to read may take more of the medium all the same
      return;
    }
    // The file's own time: right too for what was printed while no helper lived.
    if (this.#endOffset >= this.#markedOffset) this.#marks.add(this.#endOffset, mtimeMs);
    const from = Math.max(this.#endOffset, size - mostSearched);
    this.#endOffset = size;
    for (let offset = from; offset < size;) {
      const chunk = await this.read(handle, offset, Math.min(readBytes, size - offset));
      if (chunk.length === 0) break;
      offset += chunk.length;
      this.emit('text', chunk);
    }
    await this.#releaseOldest(blocks); // before others are told: a length that the machine made up is read by nobody
    this.emit('grown');
    this.#saveTimer ??= setTimeout(() => void this.#save(), saveDelayMs).unref();
  }

  async #releaseOldest(blocks: number): Promise<void> {
    if (Math.max(blocks * blockBytes, this.#endOffset - this.#firstOffset) <= bounds.mostBytes) return;
    this.#firstOffset = Math.max(this.#firstOffset, this.#endOffset - bounds.keptBytes);
    await using handle = await openRegular(this.#logPath, { flags: constants.O_RDWR });
    this.#firstOffset = (await keepNewest(handle, bounds)) ?? this.#firstOffset;
  }

  async #save(): Promise<void> {
    clearTimeout(this.#saveTimer);
    this.#saveTimer = undefined;
    const index: ConsoleIndex = {
      ...(this.#loaded ?? { schema: 1 }),
      endOffset: this.#endOffset,
      firstOffset: this.#firstOffset,
      spacingMs: this.#marks.spacingMs,
      marks: this.#marks.all.map(({ offset, atMs }) => [offset, Math.round(atMs)]),
    };
    // A purge may have taken the directory meanwhile; times of a record that is gone are no loss.
    await writeDocument(consoleIndexDocument, this.#indexPath, index).catch((error: unknown) =>
      this.#log.debug({ error }, 'console index not written'),
    );
  }
}
