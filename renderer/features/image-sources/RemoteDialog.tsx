// SPDX-License-Identifier: MIT
import { useState } from 'react';
import type { ImageRemote, ImageSettings } from '#contract/images.ts';
import { useRefusal } from '../../store/use-refusal.ts';
import { Banner } from '../../ui/Banner.tsx';
import { Button } from '../../ui/Button.tsx';
import { Dialog } from '../../ui/Dialog.tsx';
import { TextField } from '../../ui/TextField.tsx';
import { blankRemote, fieldsOf, parseRemote, type RemoteFields } from './image-sources.ts';
import { sourceStrings as strings } from './strings.ts';

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
      title={remote === undefined ? strings.addTitle : strings.editTitle(remote.title)}
      isOpen
      onClose={onClose}
      footer={
        <>
          <Button onPress={onClose}>{strings.cancel}</Button>
          <Button
            tone="primary"
            isDisabled={changed === undefined}
            onPress={() => void save()}
            data-testid="source-save"
          >
            {strings.save}
          </Button>
        </>
      }
    >
      {remote !== undefined ? null : (
        <TextField
          label={strings.name}
          value={fields.name}
          onChange={set('name')}
          error={errors.name}
          note={strings.nameNote}
          isMono
          autoFocus
        />
      )}
      {remote?.isBuiltIn === true ? null : (
        <>
          <TextField label={strings.label} value={fields.title} onChange={set('title')} error={errors.title} />
          <TextField
            label={strings.url}
            value={fields.url}
            onChange={set('url')}
            error={errors.url}
            note={strings.urlNote}
            isMono
            placeholder="https://images.example.com/releases/"
          />
          <TextField
            label={strings.user}
            value={fields.defaultUser}
            onChange={set('defaultUser')}
            error={errors.defaultUser}
          />
          <TextField
            label={strings.keyring}
            value={fields.keyring}
            onChange={set('keyring')}
            error={errors.keyring}
            note={strings.keyringNote}
            isMono
            placeholder="/usr/share/keyrings/…"
          />
        </>
      )}
      <TextField
        label={strings.mirrorField}
        value={fields.mirror}
        onChange={set('mirror')}
        error={errors.mirror}
        note={strings.mirrorNote}
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
