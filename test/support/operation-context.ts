// SPDX-License-Identifier: MIT
import { pino } from 'pino';
import type { OperationId } from '../../contract/names.ts';
import type { StepProgress } from '../../contract/operations.ts';
import type { OperationContext } from '../../native-helper/core/seams/operation.ts';

export interface WatchedContext extends OperationContext {
  readonly steps: readonly StepProgress[];
}

/** What an operation's step gets, with a record of its progress. `onReport` may react to it. */
export function operationContext(
  options: {
    readonly uid?: number;
    readonly signal?: AbortSignal;
    readonly onReport?: (progress: StepProgress) => void;
  } = {},
): WatchedContext {
  const uid = options.uid ?? 0;
  const steps: StepProgress[] = [];
  return {
    id: 'op-0123456789' as OperationId,
    actor: { uid, gid: uid, pid: process.pid },
    signal: options.signal ?? AbortSignal.timeout(60_000),
    log: pino({ level: 'silent' }),
    undo: new AsyncDisposableStack(),
    steps,
    report: (progress) => {
      steps.push(progress);
      options.onReport?.(progress);
    },
  };
}
