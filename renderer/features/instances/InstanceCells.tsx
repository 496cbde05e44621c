// SPDX-License-Identifier: MIT
import { Ellipsis, FolderSymlink, Lock } from 'lucide-react';
import { operationKey, partsOf, type HostInstance, type InstanceKey } from '#contract/host-keys.ts';
import { say } from '#messages/say.ts';
import { instanceAddress } from '../../lib/addresses.ts';
import { describeError } from '#contract/errors.ts';
import type { InstanceSummary } from '#contract/instances.ts';
import { operationWords } from '#contract/operation-words.ts';
import { pauseWords } from '#contract/pause.ts';
import { verbs } from '#contract/verbs.ts';
import { useLocation } from 'wouter';
import { classNames } from '../../lib/class-names.ts';
import {
  actionLine,
  actionsOf,
  instanceActions,
  labelOf,
  verbOf,
  type InstanceAction,
} from '../../lib/instance-actions.ts';
import { formatBytes, formatCoarseDuration } from '../../lib/format.ts';
import { useNow } from '../../lib/use-now.ts';
import { wordIn } from '../../lib/later-words.ts';
import { chooseAndCopyIn, chooseAndShare } from '../../store/copies.ts';
import { act, cancelOperation } from '../../store/commands.ts';
import { setView, useBerth } from '../../store/index.ts';
import { IconButton } from '../../ui/Button.tsx';
import { Chips } from '../../ui/Chips.tsx';
import { CopyButton } from '../../ui/CopyButton.tsx';
import { Menu, type MenuEntry } from '../../ui/Menu.tsx';
import { ProgressBar } from '../../ui/ProgressBar.tsx';
import { StateDot } from '../../ui/StateDot.tsx';
import styles from './InstanceCells.module.css';

interface CellProps {
  readonly id: InstanceKey;
}

function useInstance(id: InstanceKey): HostInstance | undefined {
  return useBerth((state) => state.instances[id]);
}

export function NameCell({ id }: CellProps) {
  const instance = useInstance(id);
  const { name } = partsOf(id);
  const isOwn = instance?.isOwn ?? true;
  return (
    <span className={styles.named}>
      <span className={styles.name} title={name} translate="no">
        {name}
        {isOwn ? null : <small translate="yes">{say('instances.other-user')}</small>}
      </span>
      <ShareMark mounts={instance?.mounts ?? []} />
      {instance?.isProtected === true ? <ProtectedMark /> : null}
      <Chips words={instance?.tags ?? []} most={3} />
    </span>
  );
}

function ProtectedMark() {
  const words = say('setup.is-protected-text');
  return (
    <span className={styles.shares} title={words} role="img" aria-label={words} data-testid="protected">
      <Lock aria-hidden="true" />
    </span>
  );
}

/** How many folders are shared with it, and whether one of them is not there. */
function ShareMark({ mounts }: { readonly mounts: NonNullable<InstanceSummary['mounts']> }) {
  if (mounts.length === 0) return null;
  const down = mounts.filter(({ state }) => state === 'not-connected' || state === 'degraded').length;
  const isUp = mounts.every(({ state }) => state === 'connected');
  const words =
    down > 0
      ? say('instances.shares-down', { down, count: mounts.length })
      : isUp
        ? say('instances.shares-up', { count: mounts.length })
        : say('instances.shares-waiting', { count: mounts.length });
  return (
    <span
      className={classNames(styles.shares, down > 0 && styles.sharesDown)}
      title={words}
      role="img"
      aria-label={words}
    >
      <FolderSymlink aria-hidden="true" />
      {mounts.length}
    </span>
  );
}

export function StateCell({ id }: CellProps) {
  const state = useInstance(id)?.state;
  return state === undefined ? null : <StateDot state={state} name={partsOf(id).name} />;
}

export function ImageCell({ id }: CellProps) {
  const image = useInstance(id)?.image ?? '';
  return (
    <span className={styles.soft} title={image} translate="no">
      {image}
    </span>
  );
}

export function AddressCell({ id }: CellProps) {
  const address = useInstance(id)?.addresses?.[0];
  if (address === undefined) return null;
  return (
    <span className={styles.address}>
      <code>{address}</code>
      <span className={styles.copy}>
        <CopyButton text={address} label={say('common.copy-address')} />
      </span>
    </span>
  );
}

export function ResourcesCell({ id }: CellProps) {
  const instance = useInstance(id);
  if (instance?.cpus === undefined) return null;
  const parts = [
    say('instances.cpus', { count: instance.cpus }),
    ...[instance.memoryBytes, instance.diskBytes].flatMap((bytes) => (bytes === undefined ? [] : [formatBytes(bytes)])),
  ];
  return <span className={styles.soft}>{parts.join(' · ')}</span>;
}

/**
 * What goes on with it: the operation under way, else why it is paused or the last one failed, else how long it is up.
 */
export function StatusCell({ id }: CellProps) {
  const instance = useInstance(id);
  const operation = useBerth((state) =>
    instance?.operation === undefined
      ? undefined
      : state.operations[operationKey(instance.host, instance.operation.id)],
  );
  const phase = useBerth((state) =>
    instance?.operation === undefined
      ? undefined
      : state.phases[id]?.phases.find((each) => each.state === 'running')?.phase,
  );
  const now = useNow(30_000, instance?.state === 'running');
  if (instance?.operation !== undefined) {
    const word =
      phase === undefined
        ? (operation?.progress?.step ?? operationWords(instance.operation.kind).underWay)
        : wordIn('common.phase', phase);
    return (
      <span className={styles.progress}>
        <span className={styles.soft} title={word}>
          {word}
        </span>
        <ProgressBar
          label={operationWords(instance.operation.kind).underWay}
          fraction={operation?.progress?.fraction}
        />
      </span>
    );
  }
  const problem = instance && problemOf(instance);
  if (problem !== undefined)
    return (
      <span className={styles.bad} title={problem}>
        {problem}
      </span>
    );
  if (instance?.state !== 'running' || instance.startedAt === undefined) return null;
  return (
    <span className={styles.soft}>
      {say('instances.up', { duration: formatCoarseDuration(now - Date.parse(instance.startedAt)) })}
    </span>
  );
}

function problemOf({ brokenReason, pause, lastError }: InstanceSummary): string | undefined {
  if (brokenReason !== undefined) return brokenReason;
  if (pause !== undefined && pause.reason !== 'asked')
    return say('instances.paused', { reason: pauseWords(pause.reason) });
  return lastError === undefined ? undefined : describeError(lastError).message;
}

export function MenuCell({ id }: CellProps) {
  const instance = useInstance(id);
  const [, navigate] = useLocation();
  if (instance === undefined) return null;
  const { name, operation } = instance;
  const able = actionsOf(instance);
  const entry = (action: InstanceAction): MenuEntry => ({
    id: action,
    label: labelOf(action),
    note: actionLine(action, [name]),
    isDanger: verbs[verbOf(action)].isDanger === true,
    onAction: () => {
      if (verbs[verbOf(action)].isFinal) setView({ purging: id });
      else void act(action, id);
    },
  });
  const entries: MenuEntry[] = [
    { id: 'open', label: say('instances.action-open'), onAction: () => navigate(instanceAddress(id)) },
    {
      id: 'console',
      label: say('instances.action-console'),
      note: `berth console ${name}`,
      onAction: () => navigate(instanceAddress(id, 'console')),
    },
    {
      id: 'shell',
      label: say('instances.action-shell'),
      note: `berth shell ${name}`,
      onAction: () => navigate(instanceAddress(id, 'shell')),
    },
    ...(instance.isOwn
      ? [
          {
            id: 'share',
            label: say('instances.action-share'),
            note: `berth mount FOLDER ${name}`,
            onAction: () => void chooseAndShare(id),
          },
        ]
      : []),
    ...(instance.isOwn && instance.state === 'running'
      ? [
          {
            id: 'copy-in',
            label: say('instances.action-copy-in'),
            note: `berth transfer FILE ${name}:`,
            onAction: () => void chooseAndCopyIn(id),
          },
        ]
      : []),
    ...instanceActions.filter((action) => able.has(action)).map(entry),
    ...(operation === undefined
      ? []
      : [
          {
            id: 'cancel',
            label: say('instances.action-cancel'),
            onAction: () => void cancelOperation(instance.host, operation.id),
          },
        ]),
  ];
  return (
    <Menu label={say('instances.more', { name })} entries={entries}>
      <IconButton label={say('instances.more', { name })} icon={<Ellipsis />} />
    </Menu>
  );
}
