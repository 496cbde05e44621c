// SPDX-License-Identifier: MIT
export const shellStrings = {
  tab: 'Shell',
  label: (number: number): string => `Shell ${number}`,
  open: 'Open shell',
  openAnother: 'Open another shell',
  close: (number: number): string => `Close shell ${number}`,
  none: 'No shell open',
  noneText: (name: string): string =>
    `A shell connects over SSH with the instance's own key. In a terminal: berth shell ${name}`,
  notRunning: 'The instance is not running',
  notRunningText: 'A shell needs a running instance.',
  starting: 'The instance is starting. The shell opens as soon as SSH responds.',
  reconnecting: 'Disconnected. The shell reopens when the instance is back.',
  failed: 'Could not open the shell',
  again: 'Try again',
  ended: 'The shell has ended.',
  list: 'Open shells',
  copyIn: 'Copy files in…',
  smaller: 'Smaller text (Ctrl −)',
  larger: 'Larger text (Ctrl +)',
  search: 'Find (Ctrl+Shift+F)',
} as const;
