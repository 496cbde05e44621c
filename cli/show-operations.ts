// SPDX-License-Identifier: MIT
import { formatDuration } from '#contract/duration.ts';
import type { OperationSummary, PhaseRecord } from '#contract/operations.ts';
import { followOperations } from '../client/follow-operations.ts';
import type { CommandContext } from './command-context.ts';
import type { Followed } from './followed.ts';
import { handleInterrupt, leaveRunning } from './interrupt.ts';
import type { Progress, ProgressState } from './render/progress.ts';

/** How an operation ended, or `left` when the person went away and let it run. */
export type Outcome =
  | { readonly followed: Followed; readonly summary: OperationSummary }
  | { readonly followed: Followed; readonly summary: 'left' };

/**
 * Shows operations until each has ended, see {@link followOperations} of client/. Ctrl-C goes to
 * {@link handleInterrupt}.
 */
export async function showOperations(
  context: CommandContext,
  followed: readonly Followed[],
): Promise<readonly Outcome[]> {
  const connection = await context.connect();
  const progress = context.progress();
  const tracker = new Tracker(followed, progress);
  const interrupt = handleInterrupt(connection, progress, () => tracker.open());
  try {
    using following = await followOperations(
      connection,
      followed.map(({ accepted }) => accepted),
      {
        onOperation: (operation) => tracker.takeOperation(operation),
        onPhases: (target, phases, at) => tracker.takePhases(target, phases, at),
      },
    );
    return await Promise.all(
      followed.map(async (each, index): Promise<Outcome> => {
        const ended = following.ended[index]!;
        const result = await Promise.race([ended, interrupt.left]);
        if (result === leaveRunning) {
          ended.catch(() => undefined); // the connection is about to close under it
          return { followed: each, summary: 'left' };
        }
        tracker.end(each, result);
        return { followed: each, summary: result };
      }),
    );
  } finally {
    interrupt.stop();
    progress.close();
  }
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

  takeOperation(operation: OperationSummary): void {
    const followed = this.#byId.get(operation.id);
    const state = this.#states.get(operation.id);
    if (!followed || !state || !operation.progress) return;
    const { step, ...known } = operation.progress;
    this.#set(followed, {
      label: state.label,
      startedAtMs: Date.parse(operation.startedAt),
      step,
      ...(step === state.step && state.stepStartedAtMs !== undefined
        ? { stepStartedAtMs: state.stepStartedAtMs }
        : { stepStartedAtMs: Date.now() }),
      ...defined(known),
    });
  }

  end(followed: Followed, summary: OperationSummary): void {
    this.#states.delete(summary.id);
    const took = formatDuration(
      Date.parse(summary.endedAt ?? new Date().toISOString()) - Date.parse(summary.startedAt),
    );
    this.#progress.finish(summary.id, summary.state === 'succeeded' ? `${followed.label}: ${took}` : undefined);
  }

  takePhases(name: string, phases: readonly PhaseRecord[], at: string): void {
    const followed = this.#byTarget.get(name);
    const state = followed && this.#states.get(followed.accepted.operationId);
    const current = phases.find((phase) => phase.state === 'running');
    if (!followed || !state || !current || current.phase === state.step) return;
    this.#set(followed, {
      label: state.label,
      startedAtMs: state.startedAtMs,
      step: current.phase,
      stepStartedAtMs: Date.parse(current.startedAt ?? at),
    });
  }

  #set(followed: Followed, state: ProgressState): void {
    this.#states.set(followed.accepted.operationId, state);
    this.#progress.update(followed.accepted.operationId, state);
  }
}

/** Without the fields that are absent. */
function defined<T extends object>(fields: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]: Exclude<T[K], undefined>;
  };
}
