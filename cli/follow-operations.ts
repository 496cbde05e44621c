// SPDX-License-Identifier: MIT
import type { HelperEvent } from '#contract/events.ts';
import type { OperationSummary, PhaseRecord } from '#contract/operations.ts';
import type { CommandContext } from './command-context.ts';
import type { HelperConnection } from './connect.ts';
import type { Followed } from './followed.ts';
import { handleInterrupt, leaveRunning } from './interrupt.ts';
import { formatDuration } from './render/duration.ts';
import type { Progress, ProgressState } from './render/progress.ts';

/** How an operation ended, or `left` when the person went away and let it run. */
export type Outcome = { readonly followed: Followed; readonly summary: OperationSummary } | { readonly followed: Followed; readonly summary: 'left' };

/**
 * Shows operations until each has ended. Progress comes from events, replayed from where the first
 * operation began, so that nothing is missed. Ctrl-C goes to {@link handleInterrupt}.
 */
export async function followOperations(context: CommandContext, followed: readonly Followed[]): Promise<readonly Outcome[]> {
  const connection = await context.connect();
  const progress = context.progress();
  const tracker = new Tracker(followed, progress);
  const stopListening = connection.onEvent((event) => tracker.take(event));
  const interrupt = handleInterrupt(connection, progress, () => tracker.open());
  try {
    const first = Math.min(...followed.map((each) => each.accepted.sequence));
    const { snapshot } = await connection.request('events.subscribe', { since: { bootId: connection.bootId, sequence: first } });
    for (const operation of snapshot?.operations ?? []) tracker.takeOperation(operation);
    return await Promise.all(followed.map((each) => waitFor(each, { connection, tracker, left: interrupt.left })));
  } finally {
    interrupt.stop();
    stopListening();
    progress.close();
  }
}

async function waitFor(followed: Followed, { connection, tracker, left }: { connection: HelperConnection; tracker: Tracker; left: Promise<typeof leaveRunning> }): Promise<Outcome> {
  const ended = connection.request('operations.wait', { id: followed.accepted.operationId });
  const result = await Promise.race([ended, left]);
  if (result === leaveRunning) {
    ended.catch(() => undefined); // the connection is about to close under it
    return { followed, summary: 'left' };
  }
  tracker.end(followed, result);
  return { followed, summary: result };
}

/** Turns events into progress states. */
class Tracker {
  readonly #byId: ReadonlyMap<string, Followed>;
  readonly #byTarget: ReadonlyMap<string, Followed>;
  readonly #states = new Map<string, ProgressState>();
  readonly #progress: Progress;

  constructor(followed: readonly Followed[], progress: Progress) {
    this.#byId = new Map(followed.map((each) => [each.accepted.operationId, each]));
    this.#byTarget = new Map(followed.map((each) => [each.accepted.target, each]));
    this.#progress = progress;
    for (const each of followed) this.#set(each, { label: each.label, startedAtMs: Date.now() });
  }

  open(): readonly Followed[] {
    return [...this.#states.keys()].flatMap((id) => this.#byId.get(id) ?? []);
  }

  take(event: HelperEvent): void {
    if (event.body.topic === 'operation.changed') this.takeOperation(event.body.operation);
    if (event.body.topic === 'instance.phases') this.#takePhases(event.body.name, event.body.phases, event.at);
  }

  takeOperation(operation: OperationSummary): void {
    const followed = this.#byId.get(operation.id);
    const state = this.#states.get(operation.id);
    if (!followed || !state || !operation.progress) return;
    const { step, fraction, bytes, totalBytes } = operation.progress;
    this.#set(followed, {
      label: state.label, startedAtMs: Date.parse(operation.startedAt), step,
      ...(step === state.step && state.stepStartedAtMs !== undefined ? { stepStartedAtMs: state.stepStartedAtMs } : { stepStartedAtMs: Date.now() }),
      ...(fraction === undefined ? {} : { fraction }), ...(bytes === undefined ? {} : { bytes }), ...(totalBytes === undefined ? {} : { totalBytes }),
    });
  }

  end(followed: Followed, summary: OperationSummary): void {
    this.#states.delete(summary.id);
    const took = formatDuration(Date.parse(summary.endedAt ?? new Date().toISOString()) - Date.parse(summary.startedAt));
    this.#progress.finish(summary.id, summary.state === 'succeeded' ? `${followed.label}: ${took}` : undefined);
  }

  #takePhases(name: string, phases: readonly PhaseRecord[], at: string): void {
    const followed = this.#byTarget.get(name);
    const state = followed && this.#states.get(followed.accepted.operationId);
    const current = phases.find((phase) => phase.state === 'running');
    if (!followed || !state || !current || current.phase === state.step) return;
    this.#set(followed, { label: state.label, startedAtMs: state.startedAtMs, step: current.phase, stepStartedAtMs: Date.parse(current.startedAt ?? at) });
  }

  #set(followed: Followed, state: ProgressState): void {
    this.#states.set(followed.accepted.operationId, state);
    this.#progress.update(followed.accepted.operationId, state);
  }
}
