// SPDX-License-Identifier: MIT
import { CircleAlert, CircleCheck, CircleSlash, FileInput, FileOutput, X } from 'lucide-react';
import { useEffect, useState } from 'react';
import type { Transfer } from '#contract/transfers.ts';
import { say } from '#messages/say.ts';
import { classNames } from '../../lib/class-names.ts';
import { formatBytes, formatDuration } from '../../lib/format.ts';
import { cancelTransfer, dismissTransfer } from '../../store/copies.ts';
import { Button, IconButton } from '../../ui/Button.tsx';
import { ProgressBar } from '../../ui/ProgressBar.tsx';
import styles from './Transfers.module.css';

/** How long a copy that went well stays on the screen. */
const shownMs = 8000;

export function TransferCard({ transfer }: { readonly transfer: Transfer }) {
  const { state, failureCount } = transfer;
  const [isHeld, setHeld] = useState(false);
  const isQuietlyOver = state === 'cancelled' || (state === 'done' && failureCount === 0);
  useEffect(() => {
    if (!isQuietlyOver || isHeld) return undefined;
    const timer = setTimeout(() => void dismissTransfer(transfer), shownMs);
    return () => clearTimeout(timer);
    // Its identity changes with every message; what matters is that it ended.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [transfer.id, isQuietlyOver, isHeld]);
  const isBad = state === 'failed' || failureCount > 0;
  return (
    <div
      className={classNames(
        styles.card,
        isBad && styles.bad,
        state === 'cancelled' && styles.cancelled,
        state === 'done' && !isBad && styles.good,
      )}
      data-testid={`transfer-${state}`}
      onPointerEnter={() => setHeld(true)}
      onPointerLeave={() => setHeld(false)}
      onFocus={() => setHeld(true)}
      onBlur={() => setHeld(false)}
    >
      <CardIcon transfer={transfer} />
      <div className={styles.text}>
        <strong role={state === 'running' ? undefined : isBad ? 'alert' : 'status'}>{titleOf(transfer)}</strong>
        <p className={styles.line}>{lineOf(transfer)}</p>
        {state === 'running' ? <ProgressBar label={titleOf(transfer)} fraction={fractionOf(transfer)} /> : null}
        {transfer.error?.hint === undefined ? null : <p className={styles.hint}>{transfer.error.hint}</p>}
        {failureCount === 0 ? null : <Failures transfer={transfer} />}
      </div>
      {state === 'running' ? (
        <Button size="small" data-testid="transfer-cancel" onPress={() => void cancelTransfer(transfer)}>
          {say('common.cancel')}
        </Button>
      ) : (
        <IconButton label={say('common.dismiss')} icon={<X />} onPress={() => void dismissTransfer(transfer)} />
      )}
    </div>
  );
}

function CardIcon({ transfer: { state, direction, failureCount } }: { readonly transfer: Transfer }) {
  const Icon =
    state === 'running'
      ? direction === 'in'
        ? FileInput
        : FileOutput
      : state === 'cancelled'
        ? CircleSlash
        : state === 'failed' || failureCount > 0
          ? CircleAlert
          : CircleCheck;
  return <Icon size={16} aria-hidden="true" />;
}

function Failures({ transfer: { failures, failureCount } }: { readonly transfer: Transfer }) {
  return (
    <details className={styles.failures} open={failureCount <= 3}>
      <summary>{say('transfers.failures', { count: failureCount })}</summary>
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

function titleOf({ state, direction, names, instance, failureCount, progress }: Transfer): string {
  const what = { count: names.length, name: names[0] ?? '', instance };
  switch (state) {
    case 'running':
      return say(`transfers.running-${direction}`, what);
    case 'done':
      return failureCount > 0
        ? say(`transfers.partly-${direction}`, { count: failureCount, instance })
        : say(`transfers.done-${direction}`, { ...what, files: progress.filesDone });
    case 'failed':
      return say(`transfers.failed-${direction}`, what);
    case 'cancelled':
      return say(`transfers.cancelled-${direction}`, what);
    default:
      return state satisfies never;
  }
}

function lineOf({ state, progress, error, folder, skipped }: Transfer): string {
  const { filesDone, filesTotal, bytesDone, bytesTotal, bytesPerSecond, secondsLeft } = progress;
  switch (state) {
    case 'failed':
      return error?.message ?? '';
    case 'cancelled':
      return say('transfers.whole-ones', { count: filesDone });
    case 'done':
      return [
        say('transfers.into', { folder }),
        formatBytes(bytesDone),
        ...(skipped > 0 ? [say('common.skipped', { count: skipped })] : []),
      ].join(' · ');
    case 'running':
      if (filesTotal === 0) return say('common.checking-files');
      return [
        ...(filesTotal > 1 ? [say('transfers.of-files', { done: filesDone, total: filesTotal })] : []),
        say('common.amount-of', { done: formatBytes(bytesDone), total: formatBytes(Math.max(bytesTotal, bytesDone)) }),
        ...(bytesPerSecond === undefined ? [] : [say('common.per-second', { amount: formatBytes(bytesPerSecond) })]),
        ...(secondsLeft === undefined
          ? []
          : [say('common.time-left', { duration: formatDuration(secondsLeft * 1000) })]),
      ].join(' · ');
    default:
      return state satisfies never;
  }
}

function fractionOf({ progress: { filesTotal, bytesDone, bytesTotal } }: Transfer): number | undefined {
  if (filesTotal === 0) return undefined;
  return bytesTotal === 0 ? 1 : Math.min(1, bytesDone / bytesTotal);
}
