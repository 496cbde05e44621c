// SPDX-License-Identifier: MIT
import { AArrowDown, AArrowUp, FileInput, Plus, Search, X } from 'lucide-react';
import { useCallback, useState } from 'react';
import { keyOf, type HostInstance, type InstanceKey } from '#contract/host-keys.ts';
import { describeError } from '#contract/errors.ts';
import { say } from '#messages/say.ts';
import { actionsOf, labelOf } from '../../../lib/instance-actions.ts';
import { act } from '../../../store/commands.ts';
import { chooseAndCopyIn } from '../../../store/copies.ts';
import { Button, IconButton } from '../../../ui/Button.tsx';
import { EmptyState } from '../../../ui/EmptyState.tsx';
import { TerminalView } from '../../../ui/terminal/TerminalView.tsx';
import { changeFontSize, useFontSize } from '../font-size.ts';
import { closeShell, connectShell, openShell, useShells, type Shell } from './shells.ts';
import styles from '../TerminalPage.module.css';

/** SSH shells into the instance, as many as are wanted. */
export function ShellTab({ instance }: { readonly instance: HostInstance }) {
  const key = keyOf(instance);
  const shells = useShells(key);
  const [chosen, setChosen] = useState<number | undefined>();
  const [isSearching, setSearching] = useState(false);
  const search = useCallback((open: boolean) => setSearching(open), []);
  const current = shells.find((shell) => shell.number === chosen) ?? shells.at(-1);
  useFontSize(current?.session);
  const open = (): void => setChosen(openShell(key));
  if (current === undefined) return <NoShell instance={instance} onOpen={open} />;
  return (
    <div className={styles.tab}>
      <div className={styles.bar}>
        <div className={styles.shellTabs} role="group" aria-label={say('shell.list')}>
          {shells.map((shell) => (
            <span key={shell.number} className={styles.shellTab} data-current={shell === current || undefined}>
              <button type="button" aria-pressed={shell === current} onClick={() => setChosen(shell.number)}>
                {say('shell.label', { number: shell.number })}
              </button>
              <IconButton
                label={say('shell.close', { number: shell.number })}
                icon={<X />}
                onPress={() => closeShell(key, shell.number)}
              />
            </span>
          ))}
          <IconButton
            label={say('shell.open-another')}
            icon={<Plus />}
            onPress={open}
            isDisabled={instance.state !== 'running'}
            data-testid="shell-open-another"
          />
        </div>
        <IconButton
          label={say('shell.copy-in')}
          icon={<FileInput />}
          isDisabled={instance.state !== 'running'}
          onPress={() => void chooseAndCopyIn(key)}
        />
        <IconButton label={say('shell.smaller')} icon={<AArrowDown />} onPress={() => changeFontSize(-1)} />
        <IconButton label={say('shell.larger')} icon={<AArrowUp />} onPress={() => changeFontSize(1)} />
        <IconButton label={say('common.find')} icon={<Search />} onPress={() => setSearching(!isSearching)} />
      </div>
      <TerminalView
        key={current.number}
        session={current.session}
        label={say('shell.label', { number: current.number })}
        testId="shell-terminal"
        isSearching={isSearching}
        onSearchChange={search}
        onFontSize={changeFontSize}
        overlay={<ShellMessage instance={key} shell={current} />}
      />
    </div>
  );
}

function NoShell({ instance, onOpen }: { readonly instance: HostInstance; readonly onOpen: () => void }) {
  const isRunning = instance.state === 'running';
  if (!isRunning && instance.operation === undefined) {
    return (
      <EmptyState
        title={say('shell.not-running')}
        action={
          <Button
            tone="primary"
            isDisabled={!actionsOf(instance).has('start')}
            onPress={() => void act('start', keyOf(instance))}
          >
            {labelOf('start')}
          </Button>
        }
      >
        <p>{say('shell.not-running-text')}</p>
      </EmptyState>
    );
  }
  return (
    <EmptyState
      title={say('shell.none')}
      action={
        <Button tone="primary" data-testid="shell-open" onPress={onOpen}>
          {say('shell.open')}
        </Button>
      }
    >
      <p>{isRunning ? say('shell.none-text', { name: instance.name }) : say('shell.starting')}</p>
    </EmptyState>
  );
}

function ShellMessage({ instance, shell }: { readonly instance: InstanceKey; readonly shell: Shell }) {
  if (shell.state === 'waiting')
    return (
      <div className={styles.message} role="status">
        <p>{say('shell.reconnecting')}</p>
      </div>
    );
  if (shell.state !== 'failed') return null;
  const described = shell.error === undefined ? undefined : describeError(shell.error);
  return (
    <div className={styles.message} role="alert">
      <strong>{say('shell.failed')}</strong>
      {described === undefined ? null : (
        <p>
          {described.message} {described.hint}
        </p>
      )}
      <Button size="small" onPress={() => void connectShell(instance, shell.number)}>
        {say('shell.again')}
      </Button>
    </div>
  );
}
