// SPDX-License-Identifier: MIT
export const activityStrings = {
  title: 'Activity',
  empty: 'Nothing has happened yet',
  emptyText: 'Launches, starts, stops and image builds are listed here while they run and after.',
  cancel: 'Cancel',
  pastReturn: 'It can no longer be cancelled; it ends by itself soon.',
  details: 'Details',
  causes: 'What led to it',
  states: { running: 'Running', succeeded: 'Done', failed: 'Failed', cancelled: 'Cancelled' },
} as const;
