// SPDX-License-Identifier: MIT
export const noticeStrings = {
  failed: (doing: string, target: string): string => `Could not ${doing} ${target}`,
  cancelled: (doing: string, target: string): string => `Cancelled: ${doing} ${target}`,
  inPhase: (phase: string): string => `${phase} phase`,
  newlyRefused: (name: string): string => `${name} was blocked from accessing something`,
  waiting: (count: number): string =>
    count === 1
      ? 'Open its Security page to allow it or keep it blocked.'
      : `Open its Security page to review ${count} requests.`,
  refused: (line: string): string => `Could not run: ${line}`,
} as const;
