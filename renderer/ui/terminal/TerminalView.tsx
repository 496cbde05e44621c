// SPDX-License-Identifier: MIT
import '@xterm/xterm/css/xterm.css';
import { useEffect, useRef, useState, type ReactNode } from 'react';
import { useCopy } from '../clipboard.ts';
import { TerminalSearch } from './TerminalSearch.tsx';
import { TimeGutter } from './TimeGutter.tsx';
import type { TerminalSession } from './terminal-session.ts';
import styles from './TerminalView.module.css';

interface TerminalViewProps {
  readonly session: TerminalSession;
  readonly label: string;
  readonly testId: string;
  readonly hasTimes?: boolean;
  readonly isSearching: boolean;
  readonly onSearchChange: (isSearching: boolean) => void;
  readonly onFontSize: (change: -1 | 0 | 1) => void;
  /** Laid over the terminal, for a terminal that has nothing to show. */
  readonly overlay?: ReactNode;
}

/**
 * Shows a terminal session. Ctrl+Shift+C and V copy and paste, Ctrl+Shift+F searches, Ctrl with
 * plus, minus and 0 changes the size. The xterm is the container's `berthTerminal` property.
 */
export function TerminalView({
  session,
  label,
  testId,
  hasTimes = false,
  isSearching,
  onSearchChange,
  onFontSize,
  overlay,
}: TerminalViewProps) {
  const container = useRef<HTMLDivElement>(null);
  const copy = useCopy();
  const [element, setElement] = useState<HTMLDivElement | null>(null);
  useEffect(() => {
    if (container.current === null) return undefined;
    setElement(container.current);
    const detach = session.attach(container.current);
    const refresh = (): void => session.refreshTheme();
    refresh();
    const observer = new MutationObserver(refresh);
    observer.observe(document.documentElement, { attributeFilter: ['data-theme'] });
    const scheme = matchMedia('(prefers-color-scheme: dark)');
    scheme.addEventListener('change', refresh);
    return () => {
      scheme.removeEventListener('change', refresh);
      observer.disconnect();
      detach();
    };
  }, [session]);
  useEffect(() => {
    session.terminal.attachCustomKeyEventHandler(
      (event) => !handleKey(event, { session, copy, search: () => onSearchChange(true), onFontSize }),
    );
  }, [session, copy, onSearchChange, onFontSize]);
  const closeSearch = (): void => {
    onSearchChange(false);
    session.search.clearDecorations();
    session.terminal.focus();
  };
  return (
    <div className={styles.view}>
      {isSearching ? <TerminalSearch session={session} onClose={closeSearch} /> : null}
      <div className={styles.body}>
        {hasTimes ? <TimeGutter session={session} element={element} /> : null}
        <div ref={container} className={styles.terminal} data-testid={testId} role="group" aria-label={label} />
        {overlay === undefined ? null : <div className={styles.overlay}>{overlay}</div>}
      </div>
    </div>
  );
}

interface KeyContext {
  readonly session: TerminalSession;
  readonly copy: (text: string) => Promise<void>;
  readonly search: () => void;
  readonly onFontSize: (change: -1 | 0 | 1) => void;
}

/** True when the key is ours and must not reach the guest. */
function handleKey(event: KeyboardEvent, { session, copy, search, onFontSize }: KeyContext): boolean {
  if (!event.ctrlKey || event.altKey) return false;
  const isDown = event.type === 'keydown';
  const ours = (effect?: () => void): true => {
    if (isDown && effect !== undefined) {
      event.preventDefault();
      effect();
    }
    return true;
  };
  if (event.shiftKey && event.code === 'KeyC')
    return ours(
      () => session.terminal.hasSelection() && void copy(session.terminal.getSelection()).catch(() => undefined),
    );
  if (event.shiftKey && event.code === 'KeyV') return true;
  if (event.shiftKey && event.code === 'KeyF') return ours(search);
  if (event.key === '+' || event.key === '=') return ours(() => onFontSize(1));
  if (event.key === '-') return ours(() => onFontSize(-1));
  if (event.key === '0') return ours(() => onFontSize(0));
  return event.code === 'KeyK' && !event.shiftKey;
}
