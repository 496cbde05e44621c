// SPDX-License-Identifier: MIT
export const noticesStrings = {
  region: 'Notices',
  undo: 'Undo',
  open: 'Open',
  dismiss: 'Dismiss',
  console: 'Console',
  security: 'Security',
  startWithConsent: 'Allow and start',
} as const;
