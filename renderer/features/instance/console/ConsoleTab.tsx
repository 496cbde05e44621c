// SPDX-License-Identifier: MIT
import { Clock, Copy, Eraser, Save, Search } from 'lucide-react';
import { useCallback, useState } from 'react';
import type { HostInstance } from '#contract/host-keys.ts';
import { say } from '#messages/say.ts';
import { hostPart } from '../../../store/host-part.ts';
import { appRequest } from '../../../api/client.ts';
import { formatBytes, formatMoment } from '../../../lib/format.ts';
import { attempt } from '../../../store/attempt.ts';
import { useBerth } from '../../../store/index.ts';
import { IconButton } from '../../../ui/Button.tsx';
import { useCopy } from '../../../ui/clipboard.ts';
import { Select } from '../../../ui/Select.tsx';
import { TerminalView } from '../../../ui/terminal/TerminalView.tsx';
import type { TerminalSession } from '../../../ui/terminal/terminal-session.ts';
import { readRecord } from './read-record.ts';
import { useConsole, type ConsoleState } from './use-console.ts';
import { changeFontSize, useFontSize } from '../font-size.ts';
import styles from '../TerminalPage.module.css';

const newest = 'newest';

/** The serial console: the record of a boot from its first byte, then live and typed on. */
export function ConsoleTab({ instance }: { readonly instance: HostInstance }) {
  const [choice, setChoice] = useState<string>(newest);
  const [isSearching, setSearching] = useState(false);
  const [hasTimes, setTimes] = useState(true);
  const view = useConsole(instance, choice === newest ? undefined : Number(choice));
  const { session, boots, boot } = view;
  const copy = useCopy();
  const connected = useBerth((state) => hostPart(state, instance.host).link.state === 'connected');
  useFontSize(session);
  const search = useCallback((open: boolean) => setSearching(open), []);
  const save = async (): Promise<void> => {
    if (boot === undefined) return;
    await attempt({ id: 'save-console', line: 'save' }, async () => {
      const text = await readRecord(instance, boot);
      await appRequest('app.save-text', { suggestedName: `${instance.name}-boot-${boot.number}.log`, text });
    });
  };
  // A refused copy is told by the provider of the clipboard.
  const copyText = (): void =>
    void (session === undefined ? undefined : copy(selectionOrAll(session)).catch(() => undefined));
  const options = [...boots]
    .sort((a, b) => b.number - a.number)
    .map((each, index) => ({
      value: index === 0 ? newest : String(each.number),
      label: say('overview.last-boot', { number: each.number }),
      note: index === 0 && view.isLive ? say('console.live') : formatMoment(each.startedAt),
    }));
  return (
    <div className={styles.tab}>
      <div className={styles.bar}>
        {options.length > 0 ? (
          <Select
            label={say('console.boot')}
            isLabelHidden
            value={options.some((option) => option.value === choice) ? choice : newest}
            options={options}
            onChange={setChoice}
          />
        ) : null}
        <span className={styles.status} role="status">
          {statusOf(view, choice === newest, connected)}
        </span>
        <IconButton
          label={say('console.times')}
          icon={<Clock />}
          isActive={hasTimes}
          aria-pressed={hasTimes}
          onPress={() => setTimes(!hasTimes)}
        />
        <IconButton label={say('common.find')} icon={<Search />} onPress={() => setSearching(!isSearching)} />
        <IconButton label={say('console.copy')} icon={<Copy />} onPress={copyText} />
        <IconButton label={say('console.clear')} icon={<Eraser />} onPress={() => session?.terminal.clear()} />
        <IconButton
          label={say('console.save')}
          icon={<Save />}
          isDisabled={boot === undefined}
          onPress={() => void save()}
        />
      </div>
      {session === undefined ? null : (
        <TerminalView
          session={session}
          label={say('console.label', { name: instance.name })}
          testId="console-terminal"
          hasTimes={hasTimes}
          isSearching={isSearching}
          onSearchChange={search}
          onFontSize={changeFontSize}
          overlay={
            view.hasAnswer && view.isEmpty ? (
              <p className={styles.nothing}>
                {boot === undefined
                  ? say('console.none')
                  : view.isLive
                    ? say('console.nothing')
                    : say('console.nothing-stopped')}
              </p>
            ) : undefined
          }
        />
      )}
    </div>
  );
}

function selectionOrAll({ terminal }: TerminalSession): string {
  if (terminal.hasSelection()) return terminal.getSelection();
  terminal.selectAll();
  const all = terminal.getSelection();
  terminal.clearSelection();
  return all.trimEnd();
}

function statusOf({ boot, isLive, hasAnswer }: ConsoleState, isNewest: boolean, isConnected: boolean): string {
  if (!hasAnswer || boot === undefined || !isConnected) return '';
  if (boot.firstOffset > 0) return say('console.dropped', { size: formatBytes(boot.firstOffset) });
  if (!isNewest) return say('console.read-only');
  return isLive ? '' : say('console.ended');
}
