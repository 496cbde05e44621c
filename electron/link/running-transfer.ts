// SPDX-License-Identifier: MIT
import type { Duplex } from 'node:stream';
import { describeError } from '#contract/errors.ts';
import type { HostId } from '#contract/hosts.ts';
import type { InstanceName } from '#contract/names.ts';
import { RateMeter } from '#contract/rate-meter.ts';
import { visibleText } from '#contract/visible-text.ts';
import type { ConflictChoice, Transfer, TransferConflict, TransferProgress } from '#contract/transfers.ts';
import { say } from '#messages/say.ts';
import { baseName, pathOfText, textOfPath } from '../../client/transfer/byte-path.ts';
import type { Conflict, CopyObserver } from '../../client/transfer/copier.ts';
import { copy } from '../../client/transfer/copy.ts';
import { CopyError } from '../../client/transfer/copy-error.ts';
import { resolveDestination } from '../../client/transfer/destination.ts';
import type { FileFacts } from '../../client/transfer/file-tree.ts';
import { localFiles } from '../../client/transfer/local-files.ts';
import { openGuestFiles } from '../../client/transfer/open-guest-files.ts';
import { errorData } from './error-data.ts';

export interface TransferPlan {
  readonly direction: 'in' | 'out';
  readonly host: HostId;
  readonly instance: InstanceName;
  readonly sources: readonly string[];
  /** At the destination. */
  readonly folder: string;
}

interface TransferServices {
  readonly openSftp: (host: HostId, name: InstanceName, signal: AbortSignal) => Promise<Duplex>;
  readonly onChange: () => void;
}

const keptFailures = 50;

/** One copy from its start to its end; begins at once. */
export class RunningTransfer {
  readonly ended: Promise<void>;
  readonly #id: string;
  readonly #plan: TransferPlan;
  readonly #services: TransferServices;
  readonly #controller = new AbortController();
  readonly #meter = new RateMeter();
  readonly #failures: { readonly path: string; readonly reason: string }[] = [];
  readonly #startedAt = new Date();
  #endedAt: Date | undefined;
  #isPutAway = false;
  #state: Transfer['state'] = 'running';
  #folder: string;
  #progress: TransferProgress = { filesDone: 0, filesTotal: 0, bytesDone: 0, bytesTotal: 0 };
  #conflict: { readonly shown: TransferConflict; readonly resolve: (choice: ConflictChoice) => void } | undefined;
  #conflicts = 0;
  #choiceForAll: ConflictChoice | undefined;
  #skipped = 0;
  #failureCount = 0;
  #error: Transfer['error'];

  constructor(id: string, plan: TransferPlan, services: TransferServices) {
    this.#id = id;
    this.#plan = plan;
    this.#services = services;
    this.#folder = plan.folder === '.' ? '~' : plan.folder;
    this.ended = this.#run();
  }

  get isRunning(): boolean {
    return this.#state === 'running';
  }

  summary(): Transfer {
    const { direction, host, instance, sources } = this.#plan;
    return {
      id: this.#id,
      direction,
      host,
      instance,
      folder: this.#folder,
      names: sources.map((source) => shown(baseName(Buffer.from(source))) || visibleText(source)),
      state: this.#state,
      startedAt: this.#startedAt.toISOString(),
      ...(this.#endedAt === undefined ? {} : { endedAt: this.#endedAt.toISOString() }),
      isPutAway: this.#isPutAway,
      progress: this.#progress,
      skipped: this.#skipped,
      failures: this.#failures,
      failureCount: this.#failureCount,
      ...(this.#conflict === undefined ? {} : { conflict: this.#conflict.shown }),
      ...(this.#error === undefined ? {} : { error: this.#error }),
    };
  }

  answer(conflict: number, choice: ConflictChoice, isForAll: boolean): void {
    const asked = this.#conflict;
    if (asked?.shown.number !== conflict) return;
    if (isForAll) this.#choiceForAll = choice;
    this.#conflict = undefined;
    asked.resolve(choice);
    this.#services.onChange();
  }

  /** Once it has ended. */
  putAway(): void {
    if (this.isRunning || this.#isPutAway) return;
    this.#isPutAway = true;
    this.#services.onChange();
  }

  cancel(): void {
    this.#controller.abort();
  }

  /** Never rejects: how it ended is in the summary. */
  async #run(): Promise<void> {
    const { signal } = this.#controller;
    try {
      await this.#copy(signal);
      this.#state = 'done';
    } catch (error) {
      this.#state = signal.aborted ? 'cancelled' : 'failed';
      if (!signal.aborted) this.#error = sentencesOf(error);
    }
    this.#conflict = undefined;
    this.#endedAt = new Date();
    this.#services.onChange();
  }

  async #copy(signal: AbortSignal): Promise<void> {
    const { direction, host, instance, sources } = this.#plan;
    const paths = sources.map(bytesOf);
    using guest = await openGuestFiles(await this.#services.openSftp(host, instance, signal), signal);
    const [from, to] = direction === 'in' ? [localFiles, guest.files] : [guest.files, localFiles];
    const { folder } = await resolveDestination(
      to,
      Buffer.concat([bytesOf(this.#plan.folder), Buffer.from('/')]),
      paths.length,
    );
    this.#folder = shown(folder);
    await copy({ from, to, sources: paths, destination: { folder } }, this.#observer(), signal);
  }

  #observer(): CopyObserver {
    return {
      progress: ({ current, ...counts }) => {
        this.#progress = {
          ...counts,
          ...(current === undefined ? {} : { current: visibleText(current) }),
          ...this.#meter.note(counts.bytesDone, counts.bytesTotal, Date.now()),
        };
        this.#services.onChange();
      },
      choose: async (conflict) => this.#choiceForAll ?? (await this.#ask(conflict)),
      copied: () => undefined,
      skipped: () => {
        this.#skipped += 1;
        this.#services.onChange();
      },
      failed: (path, reason) => {
        this.#failureCount += 1;
        if (this.#failures.length < keptFailures)
          this.#failures.push({ path: visibleText(path), reason: visibleText(reason) });
        this.#services.onChange();
      },
    };
  }

  async #ask({ path, existing, coming }: Conflict): Promise<ConflictChoice> {
    this.#conflicts += 1;
    const asked = {
      number: this.#conflicts,
      path: visibleText(path),
      existing: sideOf(existing),
      coming: sideOf(coming),
    };
    const { promise, resolve } = Promise.withResolvers<ConflictChoice>();
    this.#conflict = { shown: asked, resolve };
    this.#services.onChange();
    return await promise;
  }
}

function bytesOf(text: string): Buffer {
  try {
    return pathOfText(text);
  } catch (error) {
    throw new CopyError(
      say('client.copy.at', { path: text, reason: error instanceof Error ? error.message : String(error) }),
      error,
    );
  }
}

function shown(path: Buffer): string {
  return visibleText(textOfPath(path));
}

function sideOf({ kind, bytes, modifiedAt }: FileFacts): TransferConflict['existing'] {
  return { isFolder: kind === 'folder', bytes, modifiedAt: modifiedAt * 1000 };
}

function sentencesOf(error: unknown): NonNullable<Transfer['error']> {
  return error instanceof CopyError ? { message: visibleText(error.message) } : describeError(errorData(error));
}
