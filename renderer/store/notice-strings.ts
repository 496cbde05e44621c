// SPDX-License-Identifier: MIT
import type { OperationKind } from '#contract/operations.ts';
import { wordOf } from '#contract/open-enum.ts';

interface OperationWords {
  readonly done: (target: string) => string;
  readonly failed: (target: string) => string;
  readonly cancelled: (target: string) => string;
}

const words = (done: string, verb: string): OperationWords => ({
  done: (target) => `${target} ${done}`,
  failed: (target) => `Could not ${verb} ${target}`,
  cancelled: (target) => `Cancelled: ${verb} ${target}`,
});

/** Of an operation that a later helper brought. */
export function laterOperation(kind: string): OperationWords {
  const verb = wordOf(kind);
  return words(`: ${verb} is done`, verb);
}

export const noticeStrings = {
  operations: {
    launch: words('is ready', 'launch'),
    start: words('is running', 'start'),
    stop: words('is stopped', 'stop'),
    restart: words('was restarted', 'restart'),
    delete: words('was deleted', 'delete'),
    recover: words('was recovered', 'recover'),
    purge: words('was deleted for good', 'delete for good'),
    'image-import': words('was imported', 'import'),
    'image-build': words('was built', 'build'),
    'image-fetch': words('was fetched', 'fetch'),
    'image-refresh': words('were asked', 'refresh'),
    'image-verify': words('is as it was', 'verify'),
  } satisfies Readonly<Record<OperationKind, OperationWords>>,
  inPhase: (phase: string): string => `${phase} phase`,
  newlyRefused: (name: string): string => `${name} was kept from something`,
  waiting: (count: number): string =>
    count === 1
      ? 'Decide on its Security page whether that stays so.'
      : `${count} things wait for you on its Security page.`,
  refused: (line: string): string => `Not done: ${line}`,
} as const;
