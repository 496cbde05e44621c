// SPDX-License-Identifier: MIT
export const activityStrings = {
  title: 'Activity',
  empty: 'Nothing has happened yet',
  emptyText: 'Launches, starts, stops, image builds and copies are listed here while they run and after.',
  cancel: 'Cancel',
  pastReturn: 'It can no longer be cancelled; it ends by itself soon.',
  details: 'Details',
  causes: 'What led to it',
  states: { running: 'Running', succeeded: 'Done', failed: 'Failed', cancelled: 'Cancelled' },
  copy: (names: readonly string[], isIn: boolean): string =>
    `Copy ${names.length === 1 ? (names[0] ?? '') : `${names.length} items`} ${isIn ? 'to' : 'from'} `,
  copying: 'Copying',
  looking: 'Looking at what is there…',
  asking: 'Waits for your answer',
  into: (folder: string, files: string): string => `${files} into ${folder}`,
  skipped: (count: number): string => `${count} skipped`,
  notCopied: (count: number): string => `${count === 1 ? 'One item was' : `${count} items were`} not copied`,
  moreFailures: (count: number): string => `and ${count} more`,
} as const;
