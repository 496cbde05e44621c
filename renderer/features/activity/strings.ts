// SPDX-License-Identifier: MIT
export const activityStrings = {
  title: 'Activity',
  empty: 'Nothing has happened yet',
  emptyText: 'Launches, starts, stops, image builds and copies appear here while they run and afterwards.',
  cancel: 'Cancel',
  pastReturn: 'This can no longer be cancelled. It will finish soon.',
  details: 'Details',
  causes: 'Causes',
  states: { running: 'Running', succeeded: 'Done', failed: 'Failed', cancelled: 'Cancelled' },
  copy: (names: readonly string[], isIn: boolean): string =>
    `Copy ${names.length === 1 ? (names[0] ?? '') : `${names.length} items`} ${isIn ? 'to' : 'from'} `,
  copying: 'Copying',
  looking: 'Checking existing files…',
  asking: 'Waiting for your answer',
  into: (folder: string, files: string): string => `${files} into ${folder}`,
  skipped: (count: number): string => `${count} skipped`,
  notCopied: (count: number): string => `${count === 1 ? '1 item was' : `${count} items were`} not copied`,
  moreFailures: (count: number): string => `and ${count} more`,
} as const;
