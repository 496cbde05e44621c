// SPDX-License-Identifier: MIT
import { useCallback, useEffect, useState } from 'react';
import type { HostId } from '#contract/hosts.ts';
import { partsOf } from '#contract/host-keys.ts';
import type { InstanceName } from '#contract/names.ts';
import type { GuestFolder } from '#contract/transfers.ts';
import { say } from '#messages/say.ts';
import { appRequest } from '../../api/client.ts';
import { transferOutLine } from '../../lib/cli-line.ts';
import { setView, useBerth } from '../../store/index.ts';
import { useRefusal } from '../../store/use-refusal.ts';
import { Banner } from '../../ui/Banner.tsx';
import { Button } from '../../ui/Button.tsx';
import { CommandLine } from '../../ui/CommandLine.tsx';
import { Dialog } from '../../ui/Dialog.tsx';
import { TextField } from '../../ui/TextField.tsx';
import { GuestBrowser } from './GuestBrowser.tsx';
import styles from './Transfers.module.css';
const nothing: ReadonlySet<string> = new Set();

/** Copies files and folders out of the instance that the view names. */
export function CopyOutDialog() {
  const instance = useBerth((state) => state.copyOutOf);
  if (instance === undefined) return null;
  return <OpenDialog key={instance} {...partsOf(instance)} onClose={() => setView({ copyOutOf: undefined })} />;
}

interface OpenDialogProps {
  readonly host: HostId;
  readonly name: InstanceName;
  readonly onClose: () => void;
}

function OpenDialog({ host, name, onClose }: OpenDialogProps) {
  const [shown, setShown] = useState<GuestFolder>();
  const [chosen, setChosen] = useState(nothing);
  const [isBusy, setBusy] = useState(true);
  const [folder, setFolder] = useState('');
  const [refusal, attempt] = useRefusal();
  const go = useCallback(
    async (to: string): Promise<void> => {
      setBusy(true);
      await attempt(async () => {
        const found = await appRequest('app.list-guest-folder', { name, folder: to }, host);
        setShown(found);
        setChosen(found.chosen === undefined ? nothing : new Set([found.chosen]));
      });
      setBusy(false);
    },
    [host, name, attempt],
  );
  useEffect(() => {
    void go('.');
    // Without an answer the field is filled by hand.
    appRequest('app.downloads-folder', {}).then(
      (found) => setFolder((before) => before || found.path),
      () => undefined,
    );
  }, [go]);
  const choose = async (): Promise<void> => {
    const picked = await appRequest('app.pick-destination', {});
    if (picked.path !== undefined) setFolder(picked.path);
  };
  const paths = [...chosen].map((each) => `${shown === undefined || shown.folder === '/' ? '' : shown.folder}/${each}`);
  const isReady = paths.length > 0 && folder.startsWith('/') && !isBusy;
  const submit = async (): Promise<void> => {
    if (!isReady) return;
    await appRequest('app.copy-out', { name, paths, folder }, host);
    onClose();
  };
  return (
    <Dialog
      title={say('transfers.out-title', { name })}
      isOpen
      onClose={onClose}
      size="wide"
      footer={
        <>
          <Button onPress={onClose}>{say('common.cancel')}</Button>
          <Button
            tone="primary"
            data-testid="copy-out-submit"
            isDisabled={!isReady}
            onPress={() => void attempt(submit)}
          >
            {say('transfers.out-copy', { count: paths.length })}
          </Button>
        </>
      }
    >
      <GuestBrowser shown={shown} chosen={chosen} isBusy={isBusy} onChoose={setChosen} onGo={(to) => void go(to)} />
      {refusal === undefined ? null : (
        <Banner tone="bad" title={refusal.message}>
          <span>{refusal.hint}</span>
        </Banner>
      )}
      <form
        className={styles.form}
        onSubmit={(event) => {
          event.preventDefault();
          void attempt(submit);
        }}
      >
        <TextField
          label={say('transfers.out-folder')}
          value={folder}
          onChange={setFolder}
          isMono
          testId="copy-out-folder"
          action={<Button onPress={() => void attempt(choose)}>{say('common.choose')}</Button>}
        />
        {/* Of one height whatever is chosen: a list that moves under a double click is none. */}
        <CommandLine line={transferOutLine(name, paths.length === 0 ? ['PATH'] : paths, folder || '.')} isOneLine />
        <button type="submit" hidden />
      </form>
    </Dialog>
  );
}
