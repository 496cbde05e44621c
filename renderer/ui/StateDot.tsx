// SPDX-License-Identifier: MIT
import type { InstanceState } from '#contract/instances.ts';
import { rowOf, type LaterValue } from '#contract/open-enum.ts';
import { classNames } from '../lib/class-names.ts';
import { wordIn } from '../lib/later-words.ts';
import styles from './StateDot.module.css';

const tones: Readonly<Record<InstanceState, 'good' | 'busy' | 'bad' | 'idle'>> = {
  creating: 'busy',
  starting: 'busy',
  running: 'good',
  stopping: 'busy',
  stopped: 'idle',
  restarting: 'busy',
  paused: 'bad',
  suspended: 'idle',
  deleted: 'idle',
  unknown: 'bad',
  broken: 'bad',
};

/** An instance's state as a dot with its word. */
export function StateDot({ state, name }: { readonly state: InstanceState | LaterValue; readonly name: string }) {
  const tone = rowOf(tones, state, 'idle');
  return (
    <span className={classNames(styles.state, styles[tone])}>
      <span
        className={classNames(styles.dot, state === 'stopped' && styles.hollow, tone === 'busy' && styles.pulse)}
        aria-hidden="true"
      />
      <span data-testid={`state-${name}`}>{wordIn('common.state', state)}</span>
    </span>
  );
}
