// SPDX-License-Identifier: MIT
import type { OperationAccepted } from '#contract/instances.ts';
import type { EventBody } from '#contract/events.ts';
import type { OperationId } from '#contract/names.ts';
import { operationSummary, type OperationKind, type OperationSummary } from '#contract/operations.ts';
import type { QuotaFile } from '../confinement/administrator/quotas.ts';
import { HelperError, toErrorData, toHelperError } from '../core/errors.ts';
import type { Logger } from '../core/log.ts';
import type { Actor } from '../core/seams/operation.ts';
import { EndedOperations } from './ended-operations.ts';
import type { JournalEntry } from './journal-document.ts';
import type { Journal } from './journal.ts';
import { Operation, type OperationRequest, type OperationWork } from './operation.ts';

export interface StartRequest extends OperationRequest {
  /**
   * What may be worked on by one operation at a time; the instance of that name, or what this user has by that name of
   * an image, when absent.
   */
  readonly lockKey?: string;
  /**
   * The kinds that it takes the place of: what runs there is cancelled, its undo waited for, and then this runs,
   * instead of being refused. One such operation can wait.
   */
  readonly supersede?: readonly OperationKind[];
}

interface ManagerOptions {
  readonly journal: Journal;
  /** The event log. */
  readonly events: { readonly sequence: number; publish(view: (viewer: Actor) => EventBody | undefined): unknown };
  /** How many operations a user may have under way. */
  readonly quotas?: Pick<QuotaFile, 'require'>;
  readonly log: Logger;
}

interface Lane {
  readonly running: Operation;
  /** Waits for `running` to end. */
  readonly next: Operation | undefined;
}

/** Starts operations, keeps them apart, tells about them and remembers how they ended. */
export class OperationManager {
  readonly #options: ManagerOptions;
  readonly #lanes = new Map<string, Lane>();
  readonly #operations = new Map<OperationId, Operation>();
  readonly #ended = new EndedOperations();
  readonly #listeners = new Set<(summary: OperationSummary) => void>();
  #isClosing = false;

  constructor(options: ManagerOptions) {
    this.#options = options;
  }

  /**
   * Starts an operation and answers at once; the journal is durable by then. Rejects with
   * operation.conflict, quota.exceeded or storage.failed; what `work` throws is the operation's end, not this call's.
   */
  async start(request: StartRequest, work: OperationWork): Promise<OperationAccepted> {
    if (this.#isClosing) throw new HelperError('operation.interrupted');
    this.#options.quotas?.require('max_operations', request.actor.uid, this.#underWayOf(request.actor.uid) + 1);
    const key = request.lockKey ?? laneOf(request);
    const operation = new Operation(request, { ...this.#options, onChange: (changed) => this.#changed(key, changed) });
    const before = this.#enter(key, operation, request);
    try {
      await operation.prepare();
    } catch (error) {
      operation.discard(toHelperError(error));
      this.#leave(key, operation);
      throw error;
    }
    const { sequence } = this.#options.events;
    this.#operations.set(operation.id, operation);
    before?.abort('superseded');
    this.#changed(key, operation);
    if (this.#isClosing) operation.abort('shutdown');
    void operation.run(work, before?.ended);
    return { operationId: operation.id, target: operation.target, sequence };
  }

  /**
   * Asks an operation to end; it has ended when {@link wait} says so. Rejects with operation.not-found or
   * operation.past-return.
   */
  cancel(id: OperationId, actor: Actor): void {
    const operation = this.#operations.get(id);
    if (operation?.isVisibleTo(actor) !== true) {
      const ended = this.#ended.get(id, actor);
      if (ended?.state === 'cancelled') return;
      throw ended === undefined
        ? new HelperError('operation.not-found', { id })
        : new HelperError('operation.past-return');
    }
    if (!operation.isCancellable) throw new HelperError('operation.past-return');
    operation.abort('cancelled');
  }

  /** The summary of an operation once it has ended. Rejects with operation.not-found, or when `signal` is aborted. */
  async wait(id: OperationId, actor: Actor, signal: AbortSignal): Promise<OperationSummary> {
    const operation = this.#operations.get(id);
    const summary = operation?.isVisibleTo(actor) === true ? undefined : this.#ended.get(id, actor);
    if (summary !== undefined) return summary;
    if (operation?.isVisibleTo(actor) !== true) throw new HelperError('operation.not-found', { id });
    signal.throwIfAborted();
    const aborted = Promise.withResolvers<never>();
    const onAbort = (): void => aborted.reject(signal.reason as Error);
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      return await Promise.race([operation.ended, aborted.promise]);
    } finally {
      signal.removeEventListener('abort', onAbort);
    }
  }

  /** All that `actor` may see: the last 200 ended ones, then those under way. */
  list(actor: Actor): OperationSummary[] {
    const running = [...this.#operations.values()].filter((each) => each.isVisibleTo(actor));
    return [...this.#ended.list(actor), ...running.map((each) => each.summary())];
  }

  /** The helper ends: what is under way is undone for that reason, and for no other. */
  get isClosing(): boolean {
    return this.#isClosing;
  }

  /**
   * What is under way on an instance: the running operation, or the one that takes its place. One whose start is not
   * announced yet keeps others out and is not told: it may still be refused, of which nobody would hear.
   */
  current(instanceName: string): OperationSummary | undefined {
    return this.currentAt(instanceLane(instanceName));
  }

  /** As {@link current}, by lock key. */
  currentAt(lockKey: string): OperationSummary | undefined {
    const lane = this.#lanes.get(lockKey);
    const announced = [lane?.next, lane?.running].find((each) => each !== undefined && this.#operations.has(each.id));
    return announced?.summary();
  }

  /** Calls back on each change of an operation. Returns the way to stop. */
  onChange(listener: (summary: OperationSummary) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /**
   * Closes the book on an operation that the last helper left, after it was finished or undone: it is listed as
   * interrupted.
   */
  async settleLeftover(entry: JournalEntry): Promise<void> {
    await this.#options.journal.remove(entry.id);
    const { id, kind, target, ownerUid, startedAt, actor } = entry;
    const error = { ...toErrorData(new HelperError('operation.interrupted')), operationId: id };
    const summary: OperationSummary = {
      id,
      kind: operationSummary.shape.kind.parse(kind),
      target,
      ownerUid,
      state: 'failed',
      startedAt,
      endedAt: new Date().toISOString(),
      cancellable: false,
      error,
    };
    const isVisibleTo = (viewer: Actor): boolean =>
      viewer.uid === 0 || viewer.uid === ownerUid || viewer.uid === actor.uid;
    this.#ended.add({ summary, isVisibleTo });
    this.#announce(summary, isVisibleTo);
  }

  /**
   * Ends the operations under way, undone, for a clean end of the helper. Those that are not done
   * in time stay in the journal for the next helper.
   */
  async close(timeoutMs = 25_000): Promise<void> {
    this.#isClosing = true;
    const running = [...this.#operations.values()];
    for (const operation of running) operation.abort('shutdown');
    const timeout = Promise.withResolvers<void>();
    const timer = setTimeout(() => timeout.resolve(), timeoutMs);
    await Promise.race([Promise.all(running.map((each) => each.ended)), timeout.promise]);
    clearTimeout(timer);
  }

  #underWayOf(uid: number): number {
    const known = [...this.#lanes.values()].flatMap(({ running, next }) =>
      next === undefined ? [running] : [running, next],
    );
    return known.filter((operation) => operation.isStartedBy(uid)).length;
  }

  /** Takes the place on the lane; returns whom to wait for. */
  #enter(key: string, operation: Operation, request: StartRequest): Operation | undefined {
    const lane = this.#lanes.get(key);
    if (lane !== undefined && (lane.next !== undefined || request.supersede?.includes(lane.running.kind) !== true)) {
      throw new HelperError('operation.conflict', { name: request.target, kind: (lane.next ?? lane.running).kind });
    }
    this.#lanes.set(
      key,
      lane === undefined ? { running: operation, next: undefined } : { running: lane.running, next: operation },
    );
    return lane?.running;
  }

  #leave(key: string, operation: Operation): void {
    const lane = this.#lanes.get(key);
    if (lane?.next === operation) this.#lanes.set(key, { running: lane.running, next: undefined });
    else if (lane?.next !== undefined) this.#lanes.set(key, { running: lane.next, next: undefined });
    else this.#lanes.delete(key);
    this.#operations.delete(operation.id);
  }

  #changed(key: string, operation: Operation): void {
    // The way is free before anybody hears of the end.
    if (!operation.isRunning) this.#leave(key, operation);
    const summary = operation.summary();
    const isVisibleTo = (viewer: Actor): boolean => operation.isVisibleTo(viewer);
    if (!operation.isRunning) this.#ended.add({ summary, isVisibleTo });
    this.#announce(summary, isVisibleTo);
  }

  #announce(summary: OperationSummary, isVisibleTo: (viewer: Actor) => boolean): void {
    this.#options.events.publish((viewer) =>
      isVisibleTo(viewer) ? { topic: 'operation.changed', operation: summary } : undefined,
    );
    for (const listener of this.#listeners) {
      try {
        listener(summary);
      } catch (error) {
        // A listener's failure is none of the operation's.
        this.#options.log.error({ err: error }, 'a listener to operations failed');
      }
    }
  }
}

/**
 * Names of images are each user's own: nobody keeps another from his. What two want of one image is done once, below.
 */
function laneOf({ kind, target, actor }: StartRequest): string {
  if (kind === 'image-refresh') return `remotes for ${actor.uid}`;
  return kind.startsWith('image-') ? `image ${target} of ${actor.uid}` : instanceLane(target);
}

function instanceLane(name: string): string {
  return `instance ${name}`;
}
