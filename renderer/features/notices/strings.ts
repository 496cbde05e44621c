// SPDX-License-Identifier: MIT
export const noticesStrings = {
  region: 'Notices',
  undo: 'Undo',
  open: 'Open',
  dismiss: 'Dismiss',
  console: 'Console',
  startWithConsent: 'Allow and start',
} as const;
