// SPDX-License-Identifier: MIT
import type { ITheme } from '@xterm/xterm';

const light: ITheme = {
  background: '#fbfbfc',
  foreground: '#1a1e23',
  cursor: '#0b62a8',
  cursorAccent: '#ffffff',
  selectionBackground: '#bcd9f5',
  black: '#1a1e23',
  red: '#b3261e',
  green: '#177245',
  yellow: '#8a5a00',
  blue: '#0b62a8',
  magenta: '#8a3b9c',
  cyan: '#0a6c74',
  white: '#5a646e',
  brightBlack: '#626c76',
  brightRed: '#c93a30',
  brightGreen: '#1d8450',
  brightYellow: '#9a6700',
  brightBlue: '#1f78c4',
  brightMagenta: '#a04fb3',
  brightCyan: '#12808a',
  brightWhite: '#2a3037',
};

const dark: ITheme = {
  background: '#101316',
  foreground: '#dfe3e7',
  cursor: '#62b0ee',
  cursorAccent: '#101316',
  selectionBackground: '#2c5680',
  black: '#2b3138',
  red: '#ff8a80',
  green: '#56c08a',
  yellow: '#e0b04c',
  blue: '#62b0ee',
  magenta: '#cf9be0',
  cyan: '#5cc4cd',
  white: '#dfe3e7',
  brightBlack: '#7c8691',
  brightRed: '#ffa79f',
  brightGreen: '#7fd4a6',
  brightYellow: '#edc876',
  brightBlue: '#8cc7f5',
  brightMagenta: '#deb8ea',
  brightCyan: '#86d6dd',
  brightWhite: '#ffffff',
};

/** The terminal's colours for the theme in force. */
export function terminalTheme(): ITheme {
  const chosen = document.documentElement.dataset['theme'];
  const isDark = chosen === 'dark' || (chosen !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches);
  return isDark ? dark : light;
}
