// SPDX-License-Identifier: MIT
import { useState } from 'react';
import { say } from '#messages/say.ts';
import { useHost } from '../../store/current-host.ts';
import { packing } from '#contract/images.ts';
import { appRequest, request } from '../../api/client.ts';
import { useRefusal } from '../../store/use-refusal.ts';
import { Banner } from '../../ui/Banner.tsx';
import { Button } from '../../ui/Button.tsx';
import { Dialog } from '../../ui/Dialog.tsx';
import { Segments } from '../../ui/Segments.tsx';
import { TextField } from '../../ui/TextField.tsx';
import { formats, isUrl, parseImportForm, suggestFrom, withPath, type ImportFields } from './import-form.ts';

const blank: ImportFields = { path: '', format: 'auto', packing: 'none', alias: '', defaultUser: 'ubuntu', digest: '' };

/** Brings a disk image of the user's into the vault. */
export function ImportDialog({ path: dropped, onClose }: { readonly path?: string; readonly onClose: () => void }) {
  const [fields, setFields] = useState<ImportFields>(
    dropped === undefined ? blank : { ...blank, path: dropped, ...suggestFrom(dropped) },
  );
  const host = useHost();
  const [refusal, attempt] = useRefusal();
  const { params, errors } = parseImportForm(fields);
  const set = (part: Partial<ImportFields>): void => setFields((before) => ({ ...before, ...part }));
  const choose = async (): Promise<void> => {
    await attempt(async () => {
      const { path } = await appRequest('app.pick-image-file', {});
      if (path !== undefined) set({ path, packing: 'none', ...suggestFrom(path) });
    });
  };
  const submit = async (): Promise<void> => {
    if (params === undefined) return;
    await attempt(async () => {
      if ('url' in params) await request(host, 'images.import-url', params);
      else await request(host, 'images.import', params);
      onClose();
    });
  };
  return (
    <Dialog
      title={say('images.import-title')}
      isOpen
      onClose={onClose}
      footer={
        <>
          <Button onPress={onClose}>{say('common.cancel')}</Button>
          <Button tone="primary" isDisabled={params === undefined} onPress={() => void submit()}>
            {say('images.import-now')}
          </Button>
        </>
      }
    >
      <TextField
        label={say('images.path')}
        value={fields.path}
        onChange={(path) => setFields((before) => withPath(before, path))}
        error={errors.path}
        note={say('images.path-note')}
        isMono
        placeholder="/home/me/disk.qcow2"
        autoFocus
        action={<Button onPress={() => void choose()}>{say('common.choose')}</Button>}
      />
      <Segments
        label={say('images.format')}
        value={fields.format}
        onChange={(format) => set({ format })}
        options={formats.map((each) => ({ value: each, label: each === 'auto' ? say('images.auto-format') : each }))}
      />
      <Segments
        label={say('images.packing')}
        value={fields.packing}
        onChange={(packing) => set({ packing })}
        options={packing.options.map((each) => ({
          value: each,
          label: each === 'none' ? say('images.packing-none') : each,
        }))}
      />
      <TextField
        label={say('images.alias')}
        value={fields.alias}
        onChange={(alias) => set({ alias })}
        error={errors.alias}
        note={say('images.alias-note')}
      />
      <TextField
        label={say('images.user')}
        value={fields.defaultUser}
        onChange={(defaultUser) => set({ defaultUser })}
        error={errors.defaultUser}
        note={say('images.user-note')}
      />
      <TextField
        label={say('images.digest')}
        value={fields.digest}
        onChange={(digest) => set({ digest })}
        error={errors.digest}
        note={isUrl(fields.path) ? say('images.digest-of-url-note') : say('images.digest-note')}
        isMono
      />
      {refusal === undefined ? null : (
        <Banner tone="bad" title={refusal.message}>
          <span>{refusal.hint}</span>
        </Banner>
      )}
    </Dialog>
  );
}
