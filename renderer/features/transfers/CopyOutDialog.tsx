// SPDX-License-Identifier: MIT
import { useEffect, useState } from 'react';
import { describeError } from '#contract/errors.ts';
import type { InstanceName } from '#contract/names.ts';
import { appRequest, errorDataOf } from '../../api/client.ts';
import { transferOutLine } from '../../lib/cli-line.ts';
import { setView, useBerth } from '../../store/index.ts';
import { Banner } from '../../ui/Banner.tsx';
import { Button } from '../../ui/Button.tsx';
import { CommandLine } from '../../ui/CommandLine.tsx';
import { Dialog } from '../../ui/Dialog.tsx';
import { TextField } from '../../ui/TextField.tsx';
import { transfersStrings } from './strings.ts';
import styles from './Transfers.module.css';

const strings = transfersStrings.out;

/** Copies a file or folder out of the instance that the view names. */
export function CopyOutDialog() {
  const name = useBerth((state) => state.copyOutOf);
  if (name === undefined) return null;
  return <OpenDialog key={name} name={name as InstanceName} onClose={() => setView({ copyOutOf: undefined })} />;
}

function OpenDialog({ name, onClose }: { readonly name: InstanceName; readonly onClose: () => void }) {
  const [path, setPath] = useState('');
  const [folder, setFolder] = useState('');
  const [refusal, setRefusal] = useState<{ readonly message: string; readonly hint: string } | undefined>();
  const isReady = path.trim() !== '' && folder.startsWith('/');
  useEffect(() => {
    // Without an answer the field is filled by hand.
    appRequest('app.downloads-folder', {}).then((found) => setFolder((before) => before || found.path), () => undefined);
  }, []);
  const attempt = async (work: () => Promise<void>): Promise<void> => {
    try {
      await work();
    } catch (error) {
      setRefusal(describeError(errorDataOf(error)));
    }
  };
  const choose = async (): Promise<void> => {
    const chosen = await appRequest('app.pick-destination', {});
    if (chosen.path !== undefined) setFolder(chosen.path);
  };
  const submit = async (): Promise<void> => {
    if (!isReady) return;
    await appRequest('app.copy-out', { name, paths: [path.trim()], folder });
    onClose();
  };
  return (
    <Dialog
      title={strings.title(name)} isOpen onClose={onClose}
      footer={<><Button onPress={onClose}>{strings.cancel}</Button><Button tone="primary" data-testid="copy-out-submit" isDisabled={!isReady} onPress={() => void attempt(submit)}>{strings.copy}</Button></>}
    >
      <form className={styles.form} data-testid="copy-out" onSubmit={(event) => { event.preventDefault(); void attempt(submit); }}>
        <TextField label={strings.path} value={path} onChange={setPath} note={strings.pathNote} placeholder="project/build.log" isMono autoFocus testId="copy-out-path" />
        <TextField label={strings.folder} value={folder} onChange={setFolder} isMono testId="copy-out-folder" action={<Button onPress={() => void attempt(choose)}>{strings.choose}</Button>} />
        <CommandLine line={transferOutLine(name, path.trim() || 'PATH', folder || '.')} />
        {refusal === undefined ? null : <Banner tone="bad" title={refusal.message}><span>{refusal.hint}</span></Banner>}
        <button type="submit" hidden />
      </form>
    </Dialog>
  );
}
