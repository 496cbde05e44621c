// SPDX-License-Identifier: MIT
import type { MountSummary } from '#contract/mounts.ts';
import { HelperError, messageOf } from '../core/errors.ts';
import type { ConversingProcess, ProcessRunner } from '../core/seams/processes.ts';
import { ownProgram } from '../process/own-program.ts';
import type { MountRecord } from '../store/instance-record.ts';

/** Beside this file in the sources; beside the helper in a package. */
const watchProgram = ownProgram(import.meta.dirname, 'watch/main.ts', 'watch.mjs');
/** Batches of 500 paths are far smaller; more is no batch. */
const longestBatch = 4 * 1024 * 1024;

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
  #lastTelling: Promise<void> = Promise.resolve();

  /** `changed` is called when the counts are others. */
  constructor(runner: ProcessRunner, changed: () => void) {
    this.#runner = runner;
    this.#changed = changed;
  }

  get counts(): Notifications {
    return this.#counts;
  }

  /** `tell` has one batch told in the guest; one batch at a time. */
  async start(mount: MountRecord, tell: (changes: ChangedPaths) => Promise<void>): Promise<void> {
    this.stop();
    const child = await this.#begin(mount);
    if (!child) return;
    this.#child = child;
    this.#count({ reason: undefined });
    child.stdin.on('error', () => undefined); // its end is told by `exited`
    let held = Buffer.alloc(0);
    child.stdout.on('data', (chunk: Buffer) => {
      held = Buffer.concat([held, chunk]);
      for (let end = held.indexOf('\0\0'); end >= 0; end = held.indexOf('\0\0')) {
        this.#queue(parseBatch(held.subarray(0, end + 1)), tell);
        held = held.subarray(end + 2);
      }
      if (held.length > longestBatch) this.stop();
    });
    void child.exited.then(({ exitCode, signal }) => {
      if (this.#child !== child) return;
      this.#child = undefined;
      if (this.#counts.reason === undefined) this.#fail(`the watching process ended (${signal ?? `exit code ${exitCode ?? '?'}`})`);
    });
  }

  /** Says why it does not watch. */
  refuse(reason: string): void {
    this.stop();
    this.#fail(reason);
  }

  stop(): void {
    const child = this.#child;
    this.#child = undefined;
    void child?.stop();
  }

  async #begin({ source, owner }: MountRecord): Promise<ConversingProcess | undefined> {
    try {
      return await this.#runner.converse({
        program: 'node', args: ['--no-warnings', '--max-old-space-size=128', watchProgram, source], confinement: 'none-needed',
        // Our own program may lie where the user cannot go; root has no other to become.
        ...(owner.uid === 0 || owner.gid === 0 ? { runAs: owner } : { becomes: owner }),
      }, (text) => this.#report(text));
    } catch (error) {
      this.#fail(messageOf(error));
      return undefined;
    }
  }

  #queue(batch: readonly ChangedPaths[], tell: (changes: ChangedPaths) => Promise<void>): void {
    this.#lastTelling = this.#lastTelling.then(async () => {
      for (const changes of batch) await tell(changes);
      this.#count({ told: this.#counts.told + batch.reduce((sum, { count }) => sum + count, 0) });
    }).catch(() => undefined); // the guest is gone: who holds the mount learns so
  }

  #report(text: string): void {
    for (const line of text.split('\n')) {
      const said = parseReport(line);
      if (said.leftOut !== undefined) this.#count({ leftOut: this.#counts.leftOut + said.leftOut });
      if (said.reason !== undefined) this.#fail(said.reason);
    }
  }

  #fail(reason: string): void {
    const { code, params } = new HelperError('mount.not-watched', { reason });
    this.#count({ reason: { code, params, causes: [] } });
  }

  #count(change: { told?: number; leftOut?: number; reason?: Notifications['reason'] }): void {
    const { reason, ...counts } = { ...this.#counts, ...change };
    this.#counts = { ...counts, ...(reason === undefined ? {} : { reason }) };
    this.#changed();
  }
}

/** Entries `MODE PATH`, each ended by NUL, put together by mode. */
export function parseBatch(batch: Buffer): ChangedPaths[] {
  const byMode = new Map<string, Buffer[]>();
  for (let from = 0, end = batch.indexOf(0); end >= 0; from = end + 1, end = batch.indexOf(0, from)) {
    const entry = batch.subarray(from, end + 1);
    const space = entry.indexOf(0x20);
    const mode = entry.toString('latin1', 0, space);
    if (space < 1 || !/^[0-7]{1,4}$/.test(mode)) continue;
    byMode.set(mode, [...(byMode.get(mode) ?? []), entry.subarray(space + 1)]);
  }
  return [...byMode].map(([mode, paths]) => ({ mode, count: paths.length, paths: Buffer.concat(paths) }));
}

function parseReport(line: string): { readonly leftOut?: number; readonly reason?: string } {
  try {
    return JSON.parse(line) as { leftOut?: number; reason?: string };
  } catch {
    return {}; // a warning of Node's, or nothing
  }
}
