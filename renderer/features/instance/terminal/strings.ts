// SPDX-License-Identifier: MIT
export const terminalStrings = {
  tab: 'Terminal',
  label: 'Terminal on this computer',
  drop: 'Insert the path',
  text: 'A shell on this computer, as your user. Use berth here, or ssh to the instance.',
  ended: 'The terminal has ended.',
  again: 'Open again',
  search: 'Find (Ctrl+Shift+F)',
} as const;
