// SPDX-License-Identifier: MIT

export const palette = {
  'palette.label': 'Command palette',
  'palette.placeholder': 'Search actions and instances',
  'palette.none': 'No matches',
  'palette.go-to': 'Go to {screen}',
  'palette.launch': 'Launch an instance…',
  'palette.open': 'Open {name}',
  'palette.console': 'Console of {name}',
  'palette.shell': 'Shell in {name}',
  'palette.security': 'Security of {name}',
  'palette.doctor': 'Check this computer',
  'palette.share': 'Share a folder with {name}…',
  'palette.copy-in': 'Copy files into {name}…',
  'palette.copy-out': 'Copy files out of {name}…',
  'palette.theme-system': 'Theme: system',
  'palette.theme-light': 'Theme: light',
  'palette.theme-dark': 'Theme: dark',
  'palette.action': '{action} {name}',
} as const satisfies Readonly<Record<string, string>>;
