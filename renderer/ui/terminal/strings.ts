// SPDX-License-Identifier: MIT
export const terminalStrings = {
  search: 'Find in terminal',
  older: 'Older match (Enter)',
  newer: 'Newer match (Shift+Enter)',
  closeSearch: 'Close search (Esc)',
  noMatch: 'No match',
  matches: (index: number, count: number): string => (index > 0 ? `${index} of ${count}` : `${count} found`),
} as const;
