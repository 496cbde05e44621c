// SPDX-License-Identifier: MIT
import type { PhaseRecord } from '#contract/operations.ts';
import { formatDuration, formatTick } from '../lib/format.ts';
import { layOutTimeline, type TimelineBar } from '../lib/timeline.ts';
import { useNow } from '../lib/use-now.ts';
import { classNames } from '../lib/class-names.ts';
import { wordIn } from '../lib/later-words.ts';
import styles from './Timeline.module.css';

/** The phases of one boot as bars on a common time scale, with what ended each. */
export function Timeline({ phases }: { readonly phases: readonly PhaseRecord[] }) {
  const isRunning = phases.some((phase) => phase.state === 'running');
  const now = useNow(200, isRunning);
  const layout = layOutTimeline(phases, now);
  return (
    <div className={styles.timeline}>
      <div className={styles.scale} aria-hidden="true">
        {layout.ticks.map((tick) => (
          <span key={tick} style={{ left: `${(tick / layout.totalMs) * 100}%` }}>
            {formatTick(tick)}
          </span>
        ))}
      </div>
      <ol className={styles.rows}>
        {layout.bars.map((bar) => (
          <Row key={bar.phase} bar={bar} ticks={layout.ticks.map((tick) => tick / layout.totalMs)} />
        ))}
      </ol>
    </div>
  );
}

function Row({ bar, ticks }: { readonly bar: TimelineBar; readonly ticks: readonly number[] }) {
  const evidence =
    bar.evidence ?? (bar.state === 'skipped' || bar.state === 'waiting' ? wordIn('common.boot', bar.state) : '');
  return (
    <li className={classNames(styles.row, styles[bar.state])} data-testid={`phase-${bar.phase}`} data-state={bar.state}>
      <span className={styles.name}>
        <i aria-hidden="true" />
        {wordIn('common.phase', bar.phase)}
        <span className={styles.hidden}>: {wordIn('common.boot', bar.state)}</span>
      </span>
      <span className={styles.duration}>{bar.durationMs === undefined ? '' : formatDuration(bar.durationMs)}</span>
      <span className={styles.track} aria-hidden="true">
        {ticks.map((tick) => (
          <i key={tick} className={styles.tick} style={{ left: `${tick * 100}%` }} />
        ))}
        {bar.start === undefined || bar.length === undefined ? null : (
          <b style={{ left: `${bar.start * 100}%`, width: `max(3px, ${bar.length * 100}%)` }} />
        )}
      </span>
      <span className={styles.evidence} title={evidence}>
        {evidence}
      </span>
    </li>
  );
}
