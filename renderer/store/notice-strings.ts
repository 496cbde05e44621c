// SPDX-License-Identifier: MIT
export const noticeStrings = {
  failed: (doing: string, target: string): string => `Could not ${doing} ${target}`,
  cancelled: (doing: string, target: string): string => `Cancelled: ${doing} ${target}`,
  inPhase: (phase: string): string => `${phase} phase`,
  newlyRefused: (name: string): string => `${name} was kept from something`,
  waiting: (count: number): string =>
    count === 1
      ? 'Decide on its Security page whether that stays so.'
      : `${count} things wait for you on its Security page.`,
  refused: (line: string): string => `Not done: ${line}`,
} as const;
