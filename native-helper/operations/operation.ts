// SPDX-License-Identifier: MIT
import type { HelperErrorData } from '#contract/errors.ts';
import type { OperationId } from '#contract/names.ts';
import type { OperationKind, OperationSummary, StepProgress } from '#contract/operations.ts';
import { HelperError, toErrorData, toHelperError } from '../core/errors.ts';
import type { Logger } from '../core/log.ts';
import type { Actor, OperationContext } from '../core/seams/operation.ts';
import type { JournalEntry } from './journal-document.ts';
import type { Journal } from './journal.ts';
import { newOperationId } from './operation-id.ts';
import { ProgressThrottle } from './progress-throttle.ts';
import { UndoStack } from './undo-stack.ts';

/** What an operation's work is given. */
export interface OperationJob extends OperationContext {
  /** As the context's, and each step may take a signal of its own 30 s. */
  readonly undo: UndoStack;
  /** From here on it cannot be cancelled. Throws when it was cancelled just before. */
  pointOfNoReturn(): void;
}

export type OperationWork = (job: OperationJob) => Promise<void>;

export interface OperationRequest {
  readonly kind: OperationKind;
  /** The instance's name, or the image's alias. */
  readonly target: string;
  readonly actor: Actor;
  /** Whose operation it is where an administrator acts for the owner; the actor's otherwise. */
  readonly ownerUid?: number;
  /** Kept in the journal for a helper that starts after a crash: no keys, no user data. */
  readonly journal?: unknown;
}

/** Why an operation was aborted. */
type AbortCause = 'cancelled' | 'superseded' | 'shutdown';

/** One operation from its start to its end. */
export class Operation {
  readonly id: OperationId = newOperationId();
  readonly kind: OperationKind;
  readonly target: string;
  readonly ownerUid: number;
  readonly #request: OperationRequest;
  readonly #journal: Journal;
  readonly #log: Logger;
  readonly #onChange: () => void;
  readonly #controller = new AbortController();
  readonly #progress: ProgressThrottle;
  readonly #startedAt = new Date().toISOString();
  readonly #ended = Promise.withResolvers<OperationSummary>();
  #abortCause: AbortCause | undefined;
  #isPastReturn = false;
  /** The work and its undo have ended. */
  #isOver = false;
  #state: OperationSummary['state'] = 'running';
  #endedAt: string | undefined;
  #error: HelperErrorData | undefined;

  constructor(
    request: OperationRequest,
    services: { readonly journal: Journal; readonly log: Logger; readonly onChange: (operation: Operation) => void },
  ) {
    this.#request = request;
    this.kind = request.kind;
    this.target = request.target;
    this.ownerUid = request.ownerUid ?? request.actor.uid;
    this.#journal = services.journal;
    this.#log = services.log.child({ operation: this.id, kind: this.kind, target: this.target });
    this.#onChange = () => services.onChange(this);
    this.#progress = new ProgressThrottle(this.#onChange);
  }

  get isRunning(): boolean {
    return this.#state === 'running';
  }

  get isCancellable(): boolean {
    return this.isRunning && !this.#isPastReturn;
  }

  /** Resolves with the last summary when it has ended, however it ended. */
  get ended(): Promise<OperationSummary> {
    return this.#ended.promise;
  }

  isVisibleTo(viewer: Actor): boolean {
    return viewer.uid === 0 || viewer.uid === this.ownerUid || viewer.uid === this.#request.actor.uid;
  }

  isStartedBy(uid: number): boolean {
    return this.#request.actor.uid === uid;
  }

  summary(): OperationSummary {
    const progress = this.#progress.latest;
    return {
      id: this.id,
      kind: this.kind,
      target: this.target,
      ownerUid: this.ownerUid,
      state: this.#state,
      startedAt: this.#startedAt,
      cancellable: this.isCancellable,
      ...(this.#endedAt === undefined ? {} : { endedAt: this.#endedAt }),
      ...(progress === undefined ? {} : { progress }),
      ...(this.#error === undefined ? {} : { error: this.#error }),
    };
  }

  /** Asks it to end and undo. Without effect when it is past the point of no return or has ended. */
  abort(cause: AbortCause): void {
    if (!this.isCancellable || this.#controller.signal.aborted) return;
    this.#abortCause = cause;
    this.#controller.abort();
  }

  /**
   * Makes the journal entry durable. Rejects with storage.failed; nothing is under way then. A purge, which a full disk
   * needs, is one step and does without.
   */
  async prepare(): Promise<void> {
    try {
      await this.#writeJournal();
    } catch (error) {
      if (this.kind !== 'purge' || toHelperError(error).code !== 'storage.disk-full') throw error;
      this.#log.warn('the disk is full: a purge goes on without an entry in the journal');
    }
  }

  /** Ends an operation that never began. */
  discard(error: HelperError): void {
    this.#state = 'failed';
    this.#error = toErrorData(error);
    this.#ended.resolve(this.summary());
  }

  /** Runs the work, after `before`, to its end; undoes it when it fails. Never rejects. */
  async run(work: OperationWork, before: Promise<unknown> | undefined): Promise<void> {
    const undo = new UndoStack(this.#log);
    const thrown = await this.#attempt(work, undo, before);
    if (thrown === undefined) {
      // Dropped, not run: what was done stays. Work that kept its effects has moved them out itself.
      if (!undo.disposed) undo.move();
      return await this.#finish('succeeded', undefined);
    }
    const undoFailures = await undo.undoAll();
    const error = this.#describe(thrown.error, undoFailures);
    await this.#finish(
      this.#abortCause === undefined || this.#abortCause === 'shutdown' ? 'failed' : 'cancelled',
      error,
      undoFailures.length > 0,
    );
  }

  async #attempt(
    work: OperationWork,
    undo: UndoStack,
    before: Promise<unknown> | undefined,
  ): Promise<{ readonly error: unknown } | undefined> {
    try {
      await before;
      this.#controller.signal.throwIfAborted();
      await work(this.#job(undo));
      return undefined;
    } catch (error) {
      return { error };
    }
  }

  #job(undo: UndoStack): OperationJob {
    return {
      id: this.id,
      actor: this.#request.actor,
      signal: this.#controller.signal,
      log: this.#log,
      undo,
      report: (progress: StepProgress) => this.#report(progress),
      pointOfNoReturn: () => this.#passReturn(),
    };
  }

  #report(progress: StepProgress): void {
    if (!this.#isOver) this.#progress.report(progress);
  }

  #passReturn(): void {
    this.#controller.signal.throwIfAborted();
    if (this.#isPastReturn || this.#isOver) return;
    this.#isPastReturn = true;
    this.#writeJournal().catch((error: unknown) =>
      this.#log.warn({ err: error }, 'the journal could not be brought up to date'),
    );
    this.#onChange();
  }

  async #writeJournal(): Promise<void> {
    const { actor, journal } = this.#request;
    const entry: JournalEntry = {
      schema: 1,
      id: this.id,
      kind: this.kind,
      target: this.target,
      ownerUid: this.ownerUid,
      actor: { uid: actor.uid, gid: actor.gid, pid: actor.pid },
      startedAt: this.#startedAt,
      isPastReturn: this.#isPastReturn,
      ...(journal === undefined ? {} : { data: journal }),
      notes: [],
    };
    await this.#journal.write(entry);
  }

  #describe(error: unknown, undoFailures: readonly string[]): HelperErrorData {
    const thrown = toHelperError(error);
    if (this.#abortCause === undefined && thrown.code === 'internal.bug')
      this.#log.error({ err: error }, 'unexpected failure');
    else
      this.#log.info({ code: thrown.code, reason: thrown.message, cause: this.#abortCause }, 'operation ended early');
    const isTold = this.#abortCause === undefined || thrown.code === 'operation.cancelled-late';
    const told = isTold
      ? thrown
      : new HelperError(this.#abortCause === 'shutdown' ? 'operation.interrupted' : 'operation.cancelled');
    const data = toErrorData(told);
    return { ...data, operationId: this.id, causes: [...data.causes, ...undoFailures] };
  }

  /** What could not all be undone stays in the journal: the next start goes on with it. */
  async #finish(state: OperationSummary['state'], error: HelperErrorData | undefined, isLeft = false): Promise<void> {
    this.#isOver = true;
    this.#progress.stop();
    try {
      if (!isLeft) await this.#journal.remove(this.id);
    } catch (failure) {
      // The work is done or undone all the same; a later start finds the entry and looks again.
      this.#log.error({ err: failure }, 'the journal entry could not be removed');
    }
    this.#state = state;
    this.#endedAt = new Date().toISOString();
    this.#error = error;
    this.#onChange();
    this.#ended.resolve(this.summary());
  }
}
