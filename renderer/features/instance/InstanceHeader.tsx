// SPDX-License-Identifier: MIT
import { ChevronLeft, Ellipsis, Lock, Play, RotateCw, Square, Trash2, Undo2 } from 'lucide-react';
import type { ReactElement } from 'react';
import { Link, useLocation } from 'wouter';
import { keyOf, operationKey, type HostInstance } from '#contract/host-keys.ts';
import { instanceVerbs, verbs, type InstanceVerb } from '#contract/verbs.ts';
import { say } from '#messages/say.ts';
import {
  actionLine,
  actionsOf,
  instanceActions,
  isForced,
  labelOf,
  verbOf,
  type InstanceAction,
} from '../../lib/instance-actions.ts';
import { act, cancelOperation } from '../../store/commands.ts';
import { useBerth } from '../../store/index.ts';
import { Button, IconButton } from '../../ui/Button.tsx';
import { CopyButton } from '../../ui/CopyButton.tsx';
import { Menu } from '../../ui/Menu.tsx';
import { StateDot } from '../../ui/StateDot.tsx';
import styles from './InstanceHeader.module.css';

const icons: Partial<Readonly<Record<InstanceVerb, ReactElement>>> = {
  start: <Play />,
  resume: <Play />,
  stop: <Square />,
  restart: <RotateCw />,
  delete: <Trash2 />,
  recover: <Undo2 />,
};

/** What asks first does so on the screen of the bin. */
const shown = instanceVerbs.filter((verb) => verbs[verb].isFinal !== true && verbs[verb].isInMenu !== true);

/** Name, state and address, and what can be done now. */
export function InstanceHeader({ instance }: { readonly instance: HostInstance }) {
  const { host, name } = instance;
  const able = actionsOf(instance);
  const operation = useBerth((state) =>
    instance.operation === undefined ? undefined : state.operations[operationKey(host, instance.operation.id)],
  );
  const [, navigate] = useLocation();
  const address = instance.addresses?.[0];
  const run = (action: InstanceAction): void => {
    void act(action, keyOf(instance));
    if (verbs[verbOf(action)].isDanger && !isForced(action)) navigate('/');
  };
  const further = instanceActions.filter(
    (action) => (isForced(action) || verbs[verbOf(action)].isInMenu === true) && able.has(action),
  );
  const button = (action: InstanceVerb) =>
    able.has(action) ? (
      <Button
        key={action}
        icon={icons[action]}
        tone={action === 'start' || action === 'resume' ? 'primary' : 'plain'}
        data-testid={`action-${action}`}
        hint={<code>{actionLine(action, [name])}</code>}
        onPress={() => run(action)}
      >
        {labelOf(action)}
      </Button>
    ) : null;
  return (
    <header className={styles.header}>
      <Link
        to="/"
        className={styles.back}
        aria-label={say('common.screen-instances')}
        title={say('common.screen-instances')}
      >
        <ChevronLeft size={18} />
      </Link>
      <h1 title={name} translate="no">
        {name}
      </h1>
      <StateDot state={instance.state} name={name} />
      {instance.isProtected === true ? (
        <span className={styles.protected} title={say('setup.is-protected-text')} data-testid="protected">
          <Lock size={13} aria-hidden="true" />
          {say('setup.is-protected')}
        </span>
      ) : null}
      {address === undefined ? null : (
        <span className={styles.address}>
          <code>{address}</code>
          <CopyButton text={address} label={say('common.copy-address')} />
        </span>
      )}
      <div className={styles.actions}>
        {operation?.state === 'running' && operation.cancellable ? (
          <Button tone="quiet" onPress={() => void cancelOperation(host, operation.id)}>
            {say('common.cancel')}
          </Button>
        ) : null}
        {shown.map(button)}
        {further.length > 0 ? (
          <Menu
            label={say('instance.more-actions')}
            entries={further.map((action) => ({
              id: action,
              label: labelOf(action),
              note: actionLine(action, [name]),
              isDanger: isForced(action),
              testId: `action-${action}`,
              onAction: () => run(action),
            }))}
          >
            <IconButton label={say('instance.more-actions')} icon={<Ellipsis />} data-testid="action-more" />
          </Menu>
        ) : null}
      </div>
    </header>
  );
}
