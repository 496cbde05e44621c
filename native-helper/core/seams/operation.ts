// SPDX-License-Identifier: MIT
// Who asks for a long job, and what its steps work with.
import type { OperationId } from '#contract/names.ts';
import type { StepProgress } from '#contract/operations.ts';
import type { Logger } from '../log.ts';

/** Who is behind a connection, by the kernel's word (SO_PEERCRED). */
export interface Actor {
  readonly uid: number;
  readonly gid: number;
  readonly pid: number;
}

/** What a step of a long job works with. */
export interface OperationContext {
  readonly id: OperationId;
  readonly actor: Actor;
  /** Aborted by cancel; every wait of over 100 ms listens to it. */
  readonly signal: AbortSignal;
  readonly log: Logger;
  /** Undo steps: deferred right after each effect, run in reverse when the job fails, dropped when it succeeds. */
  readonly undo: AsyncDisposableStack;
  report(progress: StepProgress): void;
}
