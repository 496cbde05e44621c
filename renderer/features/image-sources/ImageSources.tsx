// SPDX-License-Identifier: MIT
import { Pencil, Plus, RefreshCw, Trash2 } from 'lucide-react';
import { useEffect, useState } from 'react';
import { say } from '#messages/say.ts';
import { useHost, useHostPart } from '../../store/current-host.ts';
import { describeError, type HelperErrorData } from '#contract/errors.ts';
import type { ImageRemote, ImageSettings } from '#contract/images.ts';
import { errorDataOf, request } from '../../api/client.ts';
import { formatAgo } from '../../lib/format.ts';
import { useNow } from '../../lib/use-now.ts';
import { wordIn } from '../../lib/later-words.ts';
import { attempt } from '../../store/attempt.ts';
import { refreshImages } from '../../store/commands.ts';
import { Button, IconButton } from '../../ui/Button.tsx';
import { CheckField } from '../../ui/CheckField.tsx';
import { Dialog } from '../../ui/Dialog.tsx';
import { Section } from '../../ui/Screen.tsx';
import { Said } from '../../ui/Said.tsx';
import { withEnabled, withoutRemote } from './image-sources.ts';
import { ProxyFields } from './ProxyFields.tsx';
import { RemoteDialog } from './RemoteDialog.tsx';
import styles from './ImageSources.module.css';

const configureLine = 'sudo berth images settings --set FILE';

/** Where images come from, how the last look at each went, and the administrator's decisions about them. */
export function ImageSources() {
  const host = useHost();
  const remotes = useHostPart((part) => part.remotes);
  const isConnected = useHostPart((part) => part.link.state === 'connected');
  const isRoot = useHostPart((part) => part.system?.caller.uid === 0);
  const [settings, setSettings] = useState<ImageSettings | undefined>();
  const [fault, setFault] = useState<HelperErrorData | undefined>();
  const [edited, setEdited] = useState<ImageRemote | 'new' | undefined>();
  const [removing, setRemoving] = useState<ImageRemote | undefined>();
  useEffect(() => {
    // A helper that is lost meanwhile has its own banner.
    if (!isConnected) return;
    request(host, 'images.settings', {}).then(setSettings, (error: unknown) => setFault(errorDataOf(error)));
  }, [host, isConnected, remotes]);
  const save = async (next: ImageSettings): Promise<void> => {
    await request(host, 'images.configure', next);
    setSettings(next);
  };
  const change = (next: ImageSettings): void =>
    void attempt({ id: configureLine, line: configureLine }, async () => await save(next));
  if (settings === undefined)
    return (
      <Section title={say('sources.title')}>
        <p>
          {fault === undefined || !isConnected
            ? say('common.no-helper')
            : Object.values(describeError(fault)).join(' ')}
        </p>
      </Section>
    );
  const refresh = (
    <Button
      icon={<RefreshCw />}
      size="small"
      hint={<code>{'berth find --refresh'}</code>}
      onPress={() => void refreshImages(host)}
      data-testid="sources-refresh"
    >
      {say('sources.refresh')}
    </Button>
  );
  return (
    <Section
      title={say('sources.title')}
      aside={
        <span className={styles.actions}>
          {refresh}
          <Button
            icon={<Plus />}
            size="small"
            isDisabled={!isRoot}
            onPress={() => setEdited('new')}
            data-testid="source-add"
          >
            {say('sources.add')}
          </Button>
        </span>
      }
    >
      <p className={styles.soft}>{say('sources.text')}</p>
      {isRoot ? null : (
        <p className={styles.soft}>
          <Said
            id="sources.for-root"
            values={{ line: configureLine }}
            parts={{ code: (line) => <code>{line}</code> }}
          />
        </p>
      )}
      <ul className={styles.list}>
        {remotes.map((remote) => (
          <RemoteRow
            key={remote.name}
            remote={remote}
            isRoot={isRoot}
            onEnable={(isEnabled) => change(withEnabled(settings, remote, isEnabled))}
            onEdit={() => setEdited(remote)}
            onRemove={() => setRemoving(remote)}
          />
        ))}
      </ul>
      <ProxyFields
        key={`${settings.proxy} ${settings.noProxy}`}
        settings={settings}
        isDisabled={!isRoot}
        onSave={change}
      />
      {edited === undefined ? null : (
        <RemoteDialog
          remote={edited === 'new' ? undefined : edited}
          settings={settings}
          onSave={save}
          onClose={() => setEdited(undefined)}
        />
      )}
      <Dialog
        title={say('sources.remove-title', { title: removing?.title ?? '' })}
        role="alertdialog"
        isOpen={removing !== undefined}
        onClose={() => setRemoving(undefined)}
        footer={
          <>
            <Button autoFocus onPress={() => setRemoving(undefined)}>
              {say('common.cancel')}
            </Button>
            <Button
              tone="danger"
              data-testid="source-remove-now"
              onPress={() => {
                if (removing !== undefined) change(withoutRemote(settings, removing));
                setRemoving(undefined);
              }}
            >
              {say('sources.remove-now')}
            </Button>
          </>
        }
      >
        <p>{say('sources.remove-text')}</p>
      </Dialog>
    </Section>
  );
}

interface RemoteRowProps {
  readonly remote: ImageRemote;
  readonly isRoot: boolean;
  readonly onEnable: (isEnabled: boolean) => void;
  readonly onEdit: () => void;
  readonly onRemove: () => void;
}

function RemoteRow({ remote, isRoot, onEnable, onEdit, onRemove }: RemoteRowProps) {
  const now = useNow(60_000);
  const { title, name, url, mirror, entries, refreshedAt, verification, leftOut, error, isDisabled } = remote;
  const state =
    isDisabled === true
      ? [say('sources.disabled')]
      : refreshedAt === undefined
        ? [say('sources.never')]
        : [
            say('sources.images', { count: entries }),
            verification === undefined ? undefined : wordIn('images.verified', verification),
            say('sources.asked', { ago: formatAgo(refreshedAt, now) }),
          ];
  return (
    <li className={styles.row} data-testid={`source-${name}`}>
      <div className={styles.name}>
        <CheckField
          isSelected={isDisabled !== true}
          isDisabled={!isRoot}
          onChange={onEnable}
          testId={`source-on-${name}`}
        >
          <span className={styles.hidden}>{say('sources.ask', { title })}</span>
        </CheckField>
        <div>
          <strong translate="no">{title}</strong> <code>{name}</code>
          <p className={styles.url} title={url} translate="no">
            {url}
          </p>
          {mirror === undefined ? null : (
            <p className={styles.url} title={mirror}>
              {say('sources.mirror', { url: mirror })}
            </p>
          )}
          {leftOut === undefined ? null : (
            <p className={styles.url} title={leftOut.reasons.join('\n')}>
              {say('sources.left-out', { count: leftOut.count })}
            </p>
          )}
          {error === undefined ? null : <p className={styles.error}>{describeError(error).message}</p>}
        </div>
      </div>
      <span className={styles.state}>{state.filter(Boolean).join(' · ')}</span>
      <span className={styles.buttons}>
        <IconButton label={say('sources.edit', { title })} icon={<Pencil />} isDisabled={!isRoot} onPress={onEdit} />
        {remote.isBuiltIn ? (
          <span className={styles.gap} />
        ) : (
          <IconButton
            label={say('sources.remove', { title })}
            icon={<Trash2 />}
            isDisabled={!isRoot}
            onPress={onRemove}
          />
        )}
      </span>
    </li>
  );
}
