// SPDX-License-Identifier: MIT
import { useEffect } from 'react';
import { setView, store, useBerth } from '../../store/index.ts';
import type { TerminalSession } from '../../ui/terminal/terminal-session.ts';
import { initialView } from '../../store/view.ts';

/** Text size of all terminals: a step up or down, or 0 for the usual size. */
export function changeFontSize(change: -1 | 0 | 1): void {
  const size = change === 0 ? initialView.terminalFontSize : store.getState().terminalFontSize + change;
  setView({ terminalFontSize: Math.min(28, Math.max(8, size)) });
}

/** Keeps a terminal at the chosen text size. */
export function useFontSize(session: TerminalSession | undefined): void {
  const size = useBerth((state) => state.terminalFontSize);
  useEffect(() => {
    session?.setFontSize(size);
  }, [session, size]);
}
