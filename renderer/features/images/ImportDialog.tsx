// SPDX-License-Identifier: MIT
import { useState } from 'react';
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
import { imagesStrings as strings } from './strings.ts';

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
      title={strings.importTitle}
      isOpen
      onClose={onClose}
      footer={
        <>
          <Button onPress={onClose}>{strings.cancel}</Button>
          <Button tone="primary" isDisabled={params === undefined} onPress={() => void submit()}>
            {strings.importNow}
          </Button>
        </>
      }
    >
      <TextField
        label={strings.path}
        value={fields.path}
        onChange={(path) => setFields((before) => withPath(before, path))}
        error={errors.path}
        note={strings.pathNote}
        isMono
        placeholder="/home/me/disk.qcow2"
        autoFocus
        action={<Button onPress={() => void choose()}>{strings.choose}</Button>}
      />
      <Segments
        label={strings.format}
        value={fields.format}
        onChange={(format) => set({ format })}
        options={formats.map((each) => ({ value: each, label: each === 'auto' ? strings.autoFormat : each }))}
      />
      <Segments
        label={strings.packing}
        value={fields.packing}
        onChange={(packing) => set({ packing })}
        options={packing.options.map((each) => ({ value: each, label: each }))}
      />
      <TextField
        label={strings.alias}
        value={fields.alias}
        onChange={(alias) => set({ alias })}
        error={errors.alias}
        note={strings.aliasNote}
      />
      <TextField
        label={strings.user}
        value={fields.defaultUser}
        onChange={(defaultUser) => set({ defaultUser })}
        error={errors.defaultUser}
        note={strings.userNote}
      />
      <TextField
        label={strings.digest}
        value={fields.digest}
        onChange={(digest) => set({ digest })}
        error={errors.digest}
        note={isUrl(fields.path) ? strings.digestOfUrlNote : strings.digestNote}
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
