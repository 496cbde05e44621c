// SPDX-License-Identifier: MIT
import { z } from 'zod';
import type { MountSummary } from '#contract/mounts.ts';
import { sentence } from '#messages/say.ts';
import { HelperError, messageOf, toErrorData } from '../core/errors.ts';
import type { Reason } from '../core/said-error.ts';
import type { ConversingProcess, ProcessRunner } from '../core/seams/processes.ts';
import { ownProgram } from '../core/own-program.ts';
import type { MountRecord } from '../store/instance-record.ts';

/** Beside this file in the sources; beside the helper in a package. */
const watchProgram = ownProgram(import.meta.dirname, 'watch/main.ts', 'watch.mjs');
/** A batch of the watching process has less (watch/changes.ts); more is no batch. */
const largestBatch = { paths: 500, bytes: 512 * 1024 };
/** What may wait to be told while the guest takes its time; more is not read meanwhile. */
export const mostWaiting = { paths: 1000, bytes: 1024 * 1024 } as const;
/** Counts may change with every line that the user's process writes. */
const announceEveryMs = 200;

const report = z.object({ leftOut: z.int().min(0).max(1e9).optional(), reason: z.string().max(1000).optional() });

/** Paths below the folder that have one mode, each ended by NUL. */
export interface ChangedPaths {
  readonly mode: string;
  readonly count: number;
  readonly paths: Buffer;
}

type Notifications = NonNullable<MountSummary['notifications']>;

/**
 * Watches a mount's folder, in a process of the user's, and has its changes told in the guest. What it counts is
 * kept over stops and starts.
 */
export class ShareWatcher {
  readonly #runner: ProcessRunner;
  readonly #changed: () => void;
  #child: ConversingProcess | undefined;
  #counts: Notifications = { told: 0, leftOut: 0 };
  /** The mode of each path that waits, by its bytes. */
  #waiting = new Map<string, string>();
  #waitingBytes = 0;
  #telling: AbortController | undefined;
  #announcing: NodeJS.Timeout | undefined;

  /** `changed` is called when the counts are others. */
  constructor(runner: ProcessRunner, changed: () => void) {
    this.#runner = runner;
    this.#changed = changed;
  }

  get counts(): Notifications {
    return this.#counts;
  }

  /**
   * `tell` has one batch told in the guest; one at a time. What changes meanwhile waits, each path once; where more
   * changes than may wait here, it waits in the process that watches.
   */
  async start(mount: MountRecord, tell: (changes: ChangedPaths, signal: AbortSignal) => Promise<void>): Promise<void> {
    this.stop();
    const child = await this.#begin(mount);
    if (!child) return;
    this.#child = child;
    this.#count({ reason: undefined });
    child.stdin.on('error', () => undefined); // its end is told by `exited`
    let held = Buffer.alloc(0);
    const take = (): void => {
      if (this.#child !== child) return;
      let end = held.indexOf('\0\0');
      for (; end >= 0 && this.#hasRoom(end); end = held.indexOf('\0\0')) {
        this.#keep(held.subarray(0, end + 1));
        held = held.subarray(end + 2);
      }
      if (end >= 0) child.stdout.pause();
      else child.stdout.resume();
    };
    child.stdout.on('data', (chunk: Buffer) => {
      held = Buffer.concat([held, chunk]);
      take();
      if (held.length > 2 * largestBatch.bytes) return this.refuse(sentence('mount.watcher-said-no-change'));
      void this.#tellAll(tell, take);
    });
    void child.exited.then(({ exitCode, signal }) => {
      if (this.#child !== child) return;
      this.#child = undefined;
      if (this.#counts.reason === undefined)
        this.#fail(
          sentence('mount.watcher-ended', {
            status: signal ?? sentence('process.exit-code', { exitCode: exitCode ?? '?' }),
          }),
        );
    });
  }

  /** Says why it does not watch. */
  refuse(reason: Reason): void {
    this.stop();
    this.#fail(reason);
  }

  stop(): void {
    const child = this.#child;
    this.#child = undefined;
    this.#telling?.abort();
    this.#telling = undefined;
    this.#waiting.clear();
    this.#waitingBytes = 0;
    void child?.stop();
  }

  async #begin({ source, owner }: MountRecord): Promise<ConversingProcess | undefined> {
    try {
      return await this.#runner.converse(
        {
          program: 'node',
          args: ['--no-warnings', '--max-old-space-size=128', watchProgram, source],
          confinement: 'none-needed',
          // Our own program may lie where the user cannot go; root has no other to become.
          ...(owner.uid === 0 || owner.gid === 0 ? { runAs: owner } : { becomes: owner }),
        },
        (text) => this.#report(text),
      );
    } catch (error) {
      this.#fail(messageOf(error));
      return undefined;
    }
  }

  /** For a batch of so many bytes. */
  #hasRoom(bytes: number): boolean {
    return (
      this.#waiting.size === 0 ||
      (this.#waiting.size + largestBatch.paths <= mostWaiting.paths && this.#waitingBytes + bytes <= mostWaiting.bytes)
    );
  }

  /** What is no honest batch is left out, and counted. */
  #keep(batch: Buffer): void {
    let leftOut = 0;
    for (const [path, mode] of entriesOf(batch)) {
      const isKnown = this.#waiting.has(path);
      if (
        !isKnown &&
        (this.#waiting.size >= mostWaiting.paths || this.#waitingBytes + path.length > mostWaiting.bytes)
      ) {
        leftOut += 1;
        continue;
      }
      if (!isKnown) this.#waitingBytes += path.length;
      this.#waiting.set(path, mode);
    }
    if (leftOut > 0) this.#count({ leftOut: this.#counts.leftOut + leftOut });
  }

  /** `take` is called when there is room for more. */
  async #tellAll(tell: (changes: ChangedPaths, signal: AbortSignal) => Promise<void>, take: () => void): Promise<void> {
    if (this.#telling || this.#waiting.size === 0) return;
    const telling = new AbortController();
    this.#telling = telling;
    while (this.#waiting.size > 0 && !telling.signal.aborted) {
      const batch = byMode(this.#waiting);
      this.#waiting = new Map();
      this.#waitingBytes = 0;
      take();
      for (const changes of batch) {
        if (telling.signal.aborted) break;
        try {
          await tell(changes, telling.signal);
          this.#count({ told: this.#counts.told + changes.count });
        } catch {
          // The guest is gone, which who holds the mount learns, or takes too long.
          if (!telling.signal.aborted) this.#count({ leftOut: this.#counts.leftOut + changes.count });
        }
      }
    }
    if (this.#telling === telling) this.#telling = undefined;
  }

  #report(text: string): void {
    for (const line of text.split('\n')) {
      const said = parseReport(line);
      if (said.leftOut !== undefined) this.#count({ leftOut: this.#counts.leftOut + said.leftOut });
      if (said.reason !== undefined) this.#fail(said.reason);
    }
  }

  #fail(reason: Reason): void {
    this.#count({ reason: toErrorData(new HelperError('mount.not-watched', { reason })) });
  }

  #count(change: { told?: number; leftOut?: number; reason?: Notifications['reason'] }): void {
    const { reason, ...counts } = { ...this.#counts, ...change };
    this.#counts = { ...counts, ...(reason === undefined ? {} : { reason }) };
    if (this.#announcing) return;
    this.#announcing = setTimeout(() => {
      this.#announcing = undefined;
      this.#changed();
    }, announceEveryMs).unref();
  }
}

/** Entries `MODE PATH`, each ended by NUL, as path and mode; paths are bytes in latin1. What is none is left out. */
function* entriesOf(batch: Buffer): Generator<readonly [path: string, mode: string]> {
  for (let from = 0, end = batch.indexOf(0); end >= 0; from = end + 1, end = batch.indexOf(0, from)) {
    const entry = batch.subarray(from, end);
    const space = entry.indexOf(0x20);
    const mode = entry.toString('latin1', 0, space);
    if (space >= 1 && /^[0-7]{1,4}$/.test(mode)) yield [entry.toString('latin1', space + 1), mode];
  }
}

/** Entries of a batch, put together by mode. */
export function changesIn(batch: Buffer): ChangedPaths[] {
  return byMode(new Map(entriesOf(batch)));
}

function byMode(modes: ReadonlyMap<string, string>): ChangedPaths[] {
  const paths = new Map<string, string[]>();
  for (const [path, mode] of modes) {
    const known = paths.get(mode);
    if (known) known.push(path);
    else paths.set(mode, [path]);
  }
  return [...paths].map(([mode, list]) => ({
    mode,
    count: list.length,
    paths: Buffer.from(list.map((path) => `${path}\0`).join(''), 'latin1'),
  }));
}

/** Of the user's own process, which may say anything. */
export function parseReport(line: string): z.infer<typeof report> {
  try {
    return report.safeParse(JSON.parse(line)).data ?? {};
  } catch {
    return {}; // a warning of Node's, nothing, or what the user says in its place
  }
}
