// SPDX-License-Identifier: MIT
import { ArrowRight } from 'lucide-react';
import { useState } from 'react';
import type { AppMethods } from '#contract/desktop.ts';
import { describeError } from '#contract/errors.ts';
import { keyOf, type HostInstance } from '#contract/host-keys.ts';
import type { MountSummary } from '#contract/mounts.ts';
import { say } from '#messages/say.ts';
import { appRequest, request } from '../../api/client.ts';
import { classNames } from '../../lib/class-names.ts';
import { formatAgo, formatBytes } from '../../lib/format.ts';
import { useNow } from '../../lib/use-now.ts';
import { wordIn } from '../../lib/later-words.ts';
import { attempt } from '../../store/attempt.ts';
import { Button } from '../../ui/Button.tsx';
import { CopyButton } from '../../ui/CopyButton.tsx';
import { Dialog } from '../../ui/Dialog.tsx';
import styles from './SharesTab.module.css';

/** One shared folder: where from, where to, how it does, and the way to end it. */
export function MountRow({ instance, mount }: { readonly instance: HostInstance; readonly mount: MountSummary }) {
  const { source, target, state } = mount;
  const now = useNow(30_000);
  const [isBusy, setBusy] = useState(false);
  const [users, setUsers] = useState<readonly MountUser[]>([]);
  const ask = async (verb: 'umount' | 'remount', work: () => Promise<unknown>): Promise<void> => {
    setBusy(true);
    const line = `berth ${verb} ${instance.name}:${target}`;
    await attempt({ id: `${verb}-${keyOf(instance)}-${mount.id}`, line, instance: keyOf(instance) }, work);
    setBusy(false);
  };
  const remove = async (): Promise<void> => {
    setUsers([]);
    await ask('umount', async () => await request(instance.host, 'mounts.remove', { name: instance.name, target }));
  };
  const removeUnlessUsed = async (): Promise<void> =>
    await ask('umount', async () => {
      const found =
        state === 'connected'
          ? (await appRequest('app.mount-users', { name: instance.name, target }, instance.host)).users
          : [];
      setUsers(found);
      if (found.length === 0) await request(instance.host, 'mounts.remove', { name: instance.name, target });
    });
  const isDown = state === 'not-connected' || state === 'degraded';
  return (
    <li data-testid={`share-${target}`}>
      <span className={classNames(styles.dot, styles[state])} aria-hidden="true" />
      <div className={styles.mount}>
        <p className={styles.paths}>
          <code>{source}</code>
          <ArrowRight aria-label={say('shares.is-in')} role="img" />
          <span className={styles.target}>
            <code>{target}</code>
            <CopyButton text={target} label={say('shares.copy-target')} />
          </span>
        </p>
        <p className={styles.facts}>
          <span className={styles.state} data-testid="share-state">
            {wordIn('shares.state', state)}
          </span>
          {factsOf(mount).map((fact) => (
            <span key={fact}>{fact}</span>
          ))}
        </p>
        <Trouble mount={mount} now={now} />
      </div>
      <span className={styles.rate} data-testid="share-rate">
        {mount.bytesPerSecond === undefined || mount.bytesPerSecond === 0
          ? ''
          : say('common.per-second', { amount: formatBytes(mount.bytesPerSecond) })}
      </span>
      {state === 'waiting' ? null : (
        <Button
          size="small"
          tone={isDown ? 'plain' : 'quiet'}
          isDisabled={isBusy}
          data-testid="share-reconnect"
          hint={<code>{`berth remount ${instance.name}:${target}`}</code>}
          onPress={() =>
            void ask(
              'remount',
              async () => await request(instance.host, 'mounts.reconnect', { name: instance.name, target }),
            )
          }
        >
          {say('shares.reconnect')}
        </Button>
      )}
      <Button
        size="small"
        isDisabled={isBusy}
        onPress={() => void removeUnlessUsed()}
        data-testid="share-remove"
        hint={<code>{`berth umount ${instance.name}:${target}`}</code>}
      >
        {say('shares.remove')}
      </Button>
      <UsedDialog target={target} users={users} onClose={() => setUsers([])} onRemove={() => void remove()} />
    </li>
  );
}

type MountUser = AppMethods['app.mount-users']['result']['users'][number];

/** Asks before a folder is taken from programs that use it. */
function UsedDialog({
  target,
  users,
  onClose,
  onRemove,
}: {
  readonly target: string;
  readonly users: readonly MountUser[];
  readonly onClose: () => void;
  readonly onRemove: () => void;
}) {
  return (
    <Dialog
      title={say('shares.used-title')}
      role="alertdialog"
      isOpen={users.length > 0}
      onClose={onClose}
      footer={
        <>
          <Button autoFocus onPress={onClose}>
            {say('shares.used-keep')}
          </Button>
          <Button tone="danger" data-testid="share-remove-used" onPress={onRemove}>
            {say('shares.remove')}
          </Button>
        </>
      }
    >
      <p>{say('shares.used-text', { target })}</p>
      <ul className={styles.users}>
        {users.map(({ pid, command }) => (
          <li key={pid}>
            <code>{command}</code> <span>{say('shares.process', { pid })}</span>
          </li>
        ))}
      </ul>
    </Dialog>
  );
}

/** Why it is not there now; else what the last failure was, which is over. */
function Trouble({
  mount: { reason, lastError, fallback },
  now,
}: {
  readonly mount: MountSummary;
  readonly now: number;
}) {
  if (reason !== undefined) {
    const { message, hint } = describeError(reason);
    return (
      <p className={styles.reason} role="status">
        {message} <span>{hint}</span>
      </p>
    );
  }
  return (
    <>
      {fallback === undefined ? null : (
        <p className={styles.past}>{say('shares.fallback', { message: describeError(fallback).message })}</p>
      )}
      {lastError === undefined ? null : (
        <p className={styles.past}>
          {say('shares.last-error', {
            ago: formatAgo(lastError.at, now),
            message: describeError(lastError.error).message,
          })}
        </p>
      )}
    </>
  );
}

function factsOf({
  isReadOnly,
  transport,
  overSsh,
  isNotifying,
  notifications,
  uidMaps,
  gidMaps,
  reconnects,
  bytesToGuest,
  bytesFromGuest,
}: MountSummary): readonly string[] {
  const maps = [
    ...uidMaps.map(({ host, guest }) => say('shares.user-map', { host, guest })),
    ...gidMaps.map(({ host, guest }) => say('shares.group-map', { host, guest })),
  ];
  return [
    isReadOnly ? say('shares.read-only') : say('shares.read-write'),
    ...(transport === undefined
      ? []
      : [overSsh === undefined ? say('shares.by', { transport }) : say('shares.over-ssh', { transport })]),
    ...(maps.length === 0 ? [] : [maps.join(', ')]),
    ...(isNotifying === true ? [say('shares.notified', { count: notifications?.told ?? 0 })] : []),
    ...(bytesToGuest + bytesFromGuest === 0
      ? []
      : [say('shares.traffic', { toGuest: formatBytes(bytesToGuest), fromGuest: formatBytes(bytesFromGuest) })]),
    ...(reconnects === 0 ? [] : [say('shares.reconnects', { count: reconnects })]),
  ];
}
