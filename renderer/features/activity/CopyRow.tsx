// SPDX-License-Identifier: MIT
import { CircleAlert, CircleCheck, CircleSlash, LoaderCircle } from 'lucide-react';
import { memo } from 'react';
import { Link } from 'wouter';
import { say } from '#messages/say.ts';
import { instanceAddress } from '../../lib/addresses.ts';
import { instanceKey } from '#contract/host-keys.ts';
import type { Transfer } from '#contract/transfers.ts';
import { classNames } from '../../lib/class-names.ts';
import { formatBytes, formatDuration, formatMoment } from '../../lib/format.ts';
import { amountWords } from '../../lib/progress-words.ts';
import { useNow } from '../../lib/use-now.ts';
import { cancelTransfer } from '../../store/copies.ts';
import { useBerth } from '../../store/index.ts';
import { Button } from '../../ui/Button.tsx';
import { ProgressBar } from '../../ui/ProgressBar.tsx';
import { Said } from '../../ui/Said.tsx';
import styles from './ActivityScreen.module.css';

const icons = { running: LoaderCircle, succeeded: CircleCheck, failed: CircleAlert, cancelled: CircleSlash } as const;

/** A copy of this window, in the look of the helper's operations. */
export const CopyRow = memo(function CopyRow({ transfer }: { readonly transfer: Transfer }) {
  const { direction, instance, names, startedAt, endedAt } = transfer;
  const isRunning = transfer.state === 'running';
  const state = stateOf(transfer);
  const now = useNow(1000, isRunning);
  const key = instanceKey(transfer.host, instance);
  const hasInstance = useBerth(({ instances }) => key in instances);
  const Icon = icons[state];
  return (
    <li className={classNames(styles.row, styles[state])} data-testid={`copy-${transfer.id}`}>
      <Icon size={16} role="img" aria-label={say(`activity.state-${state}`)} />
      <span className={styles.what} title={names.join('\n')}>
        <Said
          id={`activity.copy-${direction}`}
          values={{ count: names.length, name: names[0] ?? '', instance }}
          parts={{
            link: (inner) =>
              hasInstance ? (
                <Link to={instanceAddress(key)} translate="no">
                  {inner}
                </Link>
              ) : (
                <strong translate="no">{inner}</strong>
              ),
          }}
        />
      </span>
      <span className={styles.step}>{isRunning ? <Progress transfer={transfer} /> : outcomeOf(transfer)}</span>
      <span className={styles.time}>
        {formatDuration((endedAt === undefined ? now : Date.parse(endedAt)) - Date.parse(startedAt))}
      </span>
      <span className={styles.when}>{formatMoment(startedAt)}</span>
      <span className={styles.action}>
        {isRunning ? (
          <Button size="small" onPress={() => void cancelTransfer(transfer)}>
            {say('common.cancel')}
          </Button>
        ) : null}
      </span>
      {transfer.failureCount === 0 && transfer.error?.hint === undefined ? null : <Failures transfer={transfer} />}
    </li>
  );
});

function stateOf({ state, failureCount }: Transfer): keyof typeof icons {
  return state === 'done' ? (failureCount > 0 ? 'failed' : 'succeeded') : state;
}

function Progress({ transfer: { conflict, progress } }: { readonly transfer: Transfer }) {
  const { filesTotal, bytesDone, bytesTotal, bytesPerSecond, secondsLeft } = progress;
  const text =
    filesTotal === 0
      ? say('common.checking-files')
      : amountWords({
          step: '',
          bytes: bytesDone,
          totalBytes: Math.max(bytesTotal, bytesDone),
          bytesPerSecond,
          secondsLeft,
        });
  return (
    <span className={styles.progress}>
      <span>{conflict === undefined ? text : say('activity.asking')}</span>
      <ProgressBar
        label={say('activity.copying')}
        fraction={filesTotal === 0 || bytesTotal === 0 ? undefined : Math.min(1, bytesDone / bytesTotal)}
      />
    </span>
  );
}

function outcomeOf({ state, error, failureCount, skipped, folder, progress }: Transfer): string {
  if (state === 'failed') return error?.message ?? say('activity.state-failed');
  if (state === 'cancelled') return say('activity.state-cancelled');
  return [
    ...(failureCount > 0 ? [say('activity.not-copied', { count: failureCount })] : []),
    say('activity.into', { count: progress.filesDone, folder }),
    formatBytes(progress.bytesDone),
    ...(skipped > 0 ? [say('common.skipped', { count: skipped })] : []),
  ].join(' · ');
}

function Failures({ transfer: { failures, failureCount, error } }: { readonly transfer: Transfer }) {
  return (
    <details className={styles.details}>
      <summary>{say('common.details')}</summary>
      {error?.hint === undefined ? null : <p>{error.hint}</p>}
      <ul>
        {failures.map(({ path, reason }, index) => (
          <li key={`${index} ${path}`}>
            <code>{path}</code> {reason}
          </li>
        ))}
        {failureCount > failures.length ? (
          <li>{say('common.more', { count: failureCount - failures.length })}</li>
        ) : null}
      </ul>
    </details>
  );
}
