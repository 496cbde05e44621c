// SPDX-License-Identifier: MIT
export const paletteStrings = {
  label: 'Command palette',
  placeholder: 'Search actions and instances',
  none: 'No matches',
  goTo: (screen: string): string => `Go to ${screen}`,
  launch: 'Launch an instance…',
  open: (name: string): string => `Open ${name}`,
  console: (name: string): string => `Console of ${name}`,
  shell: (name: string): string => `Shell in ${name}`,
  security: (name: string): string => `Security of ${name}`,
  doctor: 'Check this computer',
  share: (name: string): string => `Share a folder with ${name}…`,
  copyIn: (name: string): string => `Copy files into ${name}…`,
  copyOut: (name: string): string => `Copy files out of ${name}…`,
  theme: (theme: string): string => `Theme: ${theme}`,
  screens: { instances: 'Instances', images: 'Images', activity: 'Activity', settings: 'Settings' },
} as const;
