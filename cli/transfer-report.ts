// SPDX-License-Identifier: MIT
import { RateMeter } from '#contract/rate-meter.ts';
import { formatBytes } from '#contract/units.ts';
import { say } from '#messages/say.ts';
import type { Conflict, ConflictChoice, CopyObserver, CopyProgress } from '../client/transfer/copier.ts';
import type { CommandContext } from './command-context.ts';
import { exitCodes } from './exit-codes.ts';
import type { IfExists } from './option-values.ts';
import { ask, interrupted } from './prompts.ts';
import { escapeForTerminal } from './render/escape.ts';
import type { Progress } from './render/progress.ts';
import { showError } from './output.ts';

interface ReportOptions {
  readonly ifExists: IfExists;
  /** The instance copied to, for messages. */
  readonly target: string | undefined;
  readonly onInterrupt: () => void;
}

const answers: Readonly<Record<string, ConflictChoice>> = { r: 'replace', b: 'keep-both', s: 'skip' };
const id = 'transfer';

/** Tells on stderr how a copy goes, and asks where it was told to. */
export class TransferReport implements CopyObserver {
  readonly #context: CommandContext;
  readonly #options: ReportOptions;
  readonly #progress: Progress;
  readonly #meter = new RateMeter();
  readonly #startedAtMs = Date.now();
  #choiceForAll: ConflictChoice | undefined;
  #failures = 0;
  #files = 0;
  #bytes = 0;

  constructor(context: CommandContext, options: ReportOptions) {
    this.#context = context;
    this.#options = options;
    this.#progress = context.progress();
  }

  progress({ filesDone, filesTotal, bytesDone, bytesTotal, current }: CopyProgress): void {
    this.#files = filesDone;
    this.#bytes = bytesDone;
    this.#progress.update(id, {
      label: filesTotal === 1 ? 'transfer' : say('cli.transfer.progress', { done: filesDone, total: filesTotal }),
      startedAtMs: this.#startedAtMs,
      bytes: bytesDone,
      ...(current === undefined ? {} : { step: current }),
      ...(bytesTotal < bytesDone || bytesTotal === 0
        ? {}
        : { totalBytes: bytesTotal, fraction: bytesDone / bytesTotal }),
      ...this.#meter.note(bytesDone, bytesTotal, Date.now()),
    });
  }

  async choose(conflict: Conflict): Promise<ConflictChoice> {
    const { ifExists } = this.#options;
    if (ifExists !== 'ask') return ifExists;
    return this.#choiceForAll ?? (await this.#ask(conflict));
  }

  copied(path: string): void {
    if (this.#context.isVerbose) this.#say(this.#inTarget(path));
  }

  skipped(path: string): void {
    this.#say(say('cli.transfer.skipped', { path: this.#inTarget(path) }));
  }

  failed(path: string, reason: string): void {
    this.#failures += 1;
    const failure = say('cli.transfer.failed', { path: escapeForTerminal(path), reason: escapeForTerminal(reason) });
    this.#say(`${this.#context.err('red', 'berth:')} ${failure}`);
  }

  /** Takes the progress off the screen; returns the exit code. */
  close(): number {
    const isWorthTelling = this.#files > 1 || Date.now() - this.#startedAtMs > 2_000;
    if (process.stderr.isTTY && isWorthTelling)
      this.#progress.finish(id, say('cli.transfer.done', { count: this.#files, size: formatBytes(this.#bytes) }));
    this.#progress.close();
    return this.#failures === 0 ? exitCodes.success : exitCodes.failed;
  }

  async #ask({ path, existing, coming }: Conflict): Promise<ConflictChoice> {
    this.#progress.pause();
    try {
      for (;;) {
        const sizes = { existing: formatBytes(existing.bytes), coming: formatBytes(coming.bytes) };
        const answer = await ask(`${say('cli.transfer.exists', { path: this.#inTarget(path), ...sizes })} `);
        if (answer === interrupted) {
          this.#options.onInterrupt();
          return 'skip';
        }
        const choice = answers[answer.charAt(0)];
        if (choice === undefined || !/^.a?$/.test(answer)) continue;
        if (answer.endsWith('a')) this.#choiceForAll = choice;
        return choice;
      }
    } finally {
      this.#progress.resume();
    }
  }

  #inTarget(path: string): string {
    return escapeForTerminal(this.#options.target === undefined ? path : `${this.#options.target}:${path}`);
  }

  #say(line: string): void {
    this.#progress.pause();
    showError(`${line}\n`);
    this.#progress.resume();
  }
}
