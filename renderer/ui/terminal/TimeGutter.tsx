// SPDX-License-Identifier: MIT
import { useEffect, useReducer } from 'react';
import { formatClock } from '../../lib/format.ts';
import type { TerminalSession } from './terminal-session.ts';
import styles from './TimeGutter.module.css';

/** Beside each line that began something: when it was printed. The top line always has its time. */
export function TimeGutter({
  session,
  element,
}: {
  readonly session: TerminalSession;
  readonly element: HTMLElement | null;
}) {
  const [, redraw] = useReducer((count: number) => count + 1, 0);
  useEffect(() => {
    let frame = 0;
    const schedule = (): void => {
      if (frame !== 0) return;
      frame = requestAnimationFrame(() => {
        frame = 0;
        redraw();
      });
    };
    const subscriptions = [
      session.terminal.onRender(schedule),
      session.terminal.onScroll(schedule),
      session.terminal.onResize(schedule),
    ];
    return () => {
      cancelAnimationFrame(frame);
      for (const subscription of subscriptions) subscription.dispose();
    };
  }, [session]);
  const rows = element?.querySelector<HTMLElement>('.xterm-rows');
  const height = rows && session.terminal.rows > 0 ? rows.getBoundingClientRect().height / session.terminal.rows : 0;
  return (
    <div className={styles.gutter} aria-hidden="true">
      {height === 0
        ? null
        : labels(session).map(({ row, at }) => (
            <span
              key={row}
              style={{ top: 8 + row * height, height, lineHeight: `${height}px` }}
              title={new Date(at).toISOString()}
            >
              {formatClock(at)}
            </span>
          ))}
    </div>
  );
}

function labels({ terminal, times }: TerminalSession): readonly { readonly row: number; readonly at: number }[] {
  const top = terminal.buffer.active.viewportY;
  const found: { row: number; at: number }[] = [];
  let shown: string | undefined;
  for (let row = 0; row < terminal.rows; row += 1) {
    const at = row === 0 ? times.at(top) : times.beginsAt(top + row);
    if (at === undefined || formatClock(at) === shown) continue;
    shown = formatClock(at);
    found.push({ row, at });
  }
  return found;
}
