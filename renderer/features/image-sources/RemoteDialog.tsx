// SPDX-License-Identifier: MIT
import { useState } from 'react';
import type { ImageRemote, ImageSettings } from '#contract/images.ts';
import { say } from '#messages/say.ts';
import { useRefusal } from '../../store/use-refusal.ts';
import { Banner } from '../../ui/Banner.tsx';
import { Button } from '../../ui/Button.tsx';
import { Dialog } from '../../ui/Dialog.tsx';
import { TextField } from '../../ui/TextField.tsx';
import { blankRemote, fieldsOf, parseRemote, type RemoteFields } from './image-sources.ts';

interface RemoteDialogProps {
  /** Undefined: a new one. */
  readonly remote: ImageRemote | undefined;
  readonly settings: ImageSettings;
  readonly onSave: (settings: ImageSettings) => Promise<void>;
  readonly onClose: () => void;
}

/** A source of images: added, or changed. */
export function RemoteDialog({ remote, settings, onSave, onClose }: RemoteDialogProps) {
  const [fields, setFields] = useState<RemoteFields>(remote === undefined ? blankRemote : fieldsOf(remote, settings));
  const [refusal, attempt] = useRefusal();
  const { settings: changed, errors } = parseRemote(fields, settings, remote);
  const set =
    (field: keyof RemoteFields) =>
    (value: string): void =>
      setFields((before) => ({ ...before, [field]: value }));
  const save = async (): Promise<void> => {
    if (changed !== undefined && (await attempt(async () => await onSave(changed)))) onClose();
  };
  return (
    <Dialog
      title={remote === undefined ? say('sources.add-title') : say('sources.edit', { title: remote.title })}
      isOpen
      onClose={onClose}
      footer={
        <>
          <Button onPress={onClose}>{say('common.cancel')}</Button>
          <Button
            tone="primary"
            isDisabled={changed === undefined}
            onPress={() => void save()}
            data-testid="source-save"
          >
            {say('sources.save')}
          </Button>
        </>
      }
    >
      {remote !== undefined ? null : (
        <TextField
          label={say('sources.name')}
          value={fields.name}
          onChange={set('name')}
          error={errors.name}
          note={say('sources.name-note')}
          isMono
          autoFocus
        />
      )}
      {remote?.isBuiltIn === true ? null : (
        <>
          <TextField label={say('sources.label')} value={fields.title} onChange={set('title')} error={errors.title} />
          <TextField
            label={say('sources.url')}
            value={fields.url}
            onChange={set('url')}
            error={errors.url}
            note={say('sources.url-note')}
            isMono
            placeholder="https://images.example.com/releases/"
          />
          <TextField
            label={say('sources.user')}
            value={fields.defaultUser}
            onChange={set('defaultUser')}
            error={errors.defaultUser}
          />
          <TextField
            label={say('sources.keyring')}
            value={fields.keyring}
            onChange={set('keyring')}
            error={errors.keyring}
            note={say('sources.keyring-note')}
            isMono
            placeholder="/usr/share/keyrings/…"
          />
        </>
      )}
      <TextField
        label={say('sources.mirror-field')}
        value={fields.mirror}
        onChange={set('mirror')}
        error={errors.mirror}
        note={say('sources.mirror-note')}
        isMono
        placeholder="https://mirror.example.com/…"
      />
      {refusal === undefined ? null : (
        <Banner tone="bad" title={refusal.message}>
          <span>{refusal.hint}</span>
        </Banner>
      )}
    </Dialog>
  );
}
