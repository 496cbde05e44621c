// SPDX-License-Identifier: MIT
import { ArrowRight } from 'lucide-react';
import { describeError } from '#contract/errors.ts';
import type { InstanceSummary } from '#contract/instances.ts';
import type { MountSummary } from '#contract/mounts.ts';
import { errorDataOf, request } from '../../api/client.ts';
import { classNames } from '../../lib/class-names.ts';
import { formatAgo, formatBytes } from '../../lib/format.ts';
import { useNow } from '../../lib/use-now.ts';
import { notify } from '../../store/index.ts';
import { noticeStrings } from '../../store/notice-strings.ts';
import { errorNotice } from '../../store/notices.ts';
import { Button } from '../../ui/Button.tsx';
import { CopyButton } from '../../ui/CopyButton.tsx';
import { detailsStrings } from './strings.ts';
import styles from './SharesTab.module.css';

const strings = detailsStrings.shares;

/** One shared folder: where from, where to, how it does, and the way to end it. */
export function MountRow({ instance, mount }: { readonly instance: InstanceSummary; readonly mount: MountSummary }) {
  const { source, target, state } = mount;
  const now = useNow(30_000);
  const remove = async (): Promise<void> => {
    try {
      await request('mounts.remove', { name: instance.name, target });
    } catch (error) {
      notify(errorNotice(`umount-${mount.id}`, noticeStrings.refused(`berth umount ${instance.name}:${target}`), errorDataOf(error), instance.name));
    }
  };
  return (
    <li data-testid={`share-${target}`}>
      <span className={classNames(styles.dot, styles[state])} aria-hidden="true" />
      <div className={styles.mount}>
        <p className={styles.paths}>
          <code>{source}</code><ArrowRight aria-label={strings.isIn} role="img" /><span className={styles.target}><code>{target}</code><CopyButton text={target} label={strings.copyTarget} /></span>
        </p>
        <p className={styles.facts}>
          <span className={styles.state} data-testid="share-state">{strings.states[state]}</span>
          {factsOf(mount).map((fact) => <span key={fact}>{fact}</span>)}
        </p>
        <Trouble mount={mount} now={now} />
      </div>
      <span className={styles.rate} data-testid="share-rate">{mount.bytesPerSecond === undefined || mount.bytesPerSecond === 0 ? '' : `${formatBytes(mount.bytesPerSecond)}/s`}</span>
      <Button size="small" onPress={() => void remove()} data-testid="share-remove" hint={<code>berth umount {instance.name}:{target}</code>}>{strings.remove}</Button>
    </li>
  );
}

/** Why it is not there now; else what the last failure was, which is over. */
function Trouble({ mount: { reason, lastError, fallback }, now }: { readonly mount: MountSummary; readonly now: number }) {
  if (reason !== undefined) {
    const { message, hint } = describeError(reason);
    return <p className={styles.reason} role="status">{message} <span>{hint}</span></p>;
  }
  return (
    <>
      {fallback === undefined ? null : <p className={styles.past}>{strings.fallback} {describeError(fallback).message}</p>}
      {lastError === undefined ? null : <p className={styles.past}>{strings.lastError(formatAgo(lastError.at, now))} {describeError(lastError.error).message}</p>}
    </>
  );
}

function factsOf({ isReadOnly, transport, isNotifying, notifications, uidMaps, gidMaps, reconnects, bytesToGuest, bytesFromGuest }: MountSummary): readonly string[] {
  const maps = [...uidMaps.map(({ host, guest }) => strings.userMap(host, guest)), ...gidMaps.map(({ host, guest }) => strings.groupMap(host, guest))];
  return [
    isReadOnly ? strings.readOnly : strings.readWrite,
    ...(transport === undefined ? [] : [strings.by(transport)]),
    ...(maps.length === 0 ? [] : [maps.join(', ')]),
    ...(isNotifying === true ? [strings.notified(notifications?.told ?? 0)] : []),
    ...(bytesToGuest + bytesFromGuest === 0 ? [] : [strings.traffic(formatBytes(bytesToGuest), formatBytes(bytesFromGuest))]),
    ...(reconnects === 0 ? [] : [strings.reconnects(reconnects)]),
  ];
}
