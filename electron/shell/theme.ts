// SPDX-License-Identifier: MIT
import { nativeTheme } from 'electron';
import type { Preferences } from '#contract/desktop.ts';

/** `--surface` of renderer/styles/tokens.css, painted before the page is. */
const background = { light: '#ffffff', dark: '#16191d' } as const;

export function applyTheme(theme: Preferences['theme']): void {
  nativeTheme.themeSource = theme;
}

/** The colour of an empty window in the present theme. */
export function backgroundColor(): string {
  return nativeTheme.shouldUseDarkColors ? background.dark : background.light;
}
