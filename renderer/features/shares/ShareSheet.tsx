// SPDX-License-Identifier: MIT
import { useState } from 'react';
import { describeError } from '#contract/errors.ts';
import type { InstanceName } from '#contract/names.ts';
import { errorDataOf, request } from '../../api/client.ts';
import { notify } from '../../store/index.ts';
import { noticeStrings } from '../../store/notice-strings.ts';
import { errorNotice } from '../../store/notices.ts';
import type { ShareDraft } from '../../store/view.ts';
import { Banner } from '../../ui/Banner.tsx';
import { Button } from '../../ui/Button.tsx';
import { CommandLine } from '../../ui/CommandLine.tsx';
import { Dialog } from '../../ui/Dialog.tsx';
import { Segments } from '../../ui/Segments.tsx';
import { TextField } from '../../ui/TextField.tsx';
import { mountLine } from '../../lib/cli-line.ts';
import { parseOwners } from './parse-owners.ts';
import { shareStrings as strings } from './strings.ts';
import styles from './ShareSheet.module.css';

/** Asks where in the instance a folder goes; of several dropped folders one after the other. Enter shares. */
export function ShareSheet({ draft, onClose }: { readonly draft: ShareDraft; readonly onClose: () => void }) {
  const { name, sources } = draft;
  const [index, setIndex] = useState(0);
  const source = sources[index] ?? '';
  const [target, setTarget] = useState(nameOf(source));
  const [access, setAccess] = useState<'rw' | 'ro'>('rw');
  const [owners, setOwners] = useState('');
  const [isBusy, setBusy] = useState(false);
  const [refusal, setRefusal] = useState<{ readonly message: string; readonly hint: string } | undefined>();
  const uidMaps = parseOwners(owners);
  const line = mountLine({ name, source, target, isReadOnly: access === 'ro', uidMaps: uidMaps ?? [] });
  const next = (): void => {
    const following = sources[index + 1];
    if (following === undefined) return onClose();
    setIndex(index + 1);
    setTarget(nameOf(following));
    setRefusal(undefined);
  };
  const submit = async (): Promise<void> => {
    if (target === '' || uidMaps === undefined || isBusy) return;
    setBusy(true);
    try {
      const mount = await request('mounts.add', { name: name as InstanceName, source, target, isReadOnly: access === 'ro', uidMaps: [...uidMaps] });
      // It is kept with the instance, so there is nothing to correct here.
      if (mount.reason !== undefined) notify(errorNotice(`mount-${mount.id}`, noticeStrings.refused(line), mount.reason, name));
      next();
    } catch (error) {
      setRefusal(describeError(errorDataOf(error)));
    } finally {
      setBusy(false);
    }
  };
  return (
    <Dialog
      title={sources.length === 1 ? strings.title(name) : `${strings.title(name)} (${strings.again(index + 1, sources.length)})`} isOpen onClose={onClose}
      footer={<><Button onPress={onClose}>{strings.cancel}</Button><Button tone="primary" data-testid="share-submit" isDisabled={target === '' || uidMaps === undefined || isBusy} onPress={() => void submit()}>{isBusy ? strings.sharing : strings.share}</Button></>}
    >
      <form onSubmit={(event) => { event.preventDefault(); void submit(); }} data-testid="share-sheet" className={styles.form}>
        <TextField label={strings.source} value={source} onChange={() => undefined} isMono isDisabled testId="share-source" />
        <TextField label={strings.target} value={target} onChange={setTarget} note={strings.targetNote} isMono autoFocus testId="share-target" />
        <Segments label={strings.readOnly} value={access} onChange={setAccess} options={[{ value: 'rw', label: strings.access.rw }, { value: 'ro', label: strings.access.ro }]} />
        <TextField label={strings.owners} value={owners} onChange={setOwners} error={uidMaps === undefined ? strings.ownersError : undefined} note={strings.ownersNote} placeholder={strings.ownersHint} isMono testId="share-owners" />
        <CommandLine line={line} />
        {refusal === undefined ? null : <Banner tone="bad" title={refusal.message}><span>{refusal.hint}</span></Banner>}
        <button type="submit" hidden />
      </form>
    </Dialog>
  );
}

function nameOf(source: string): string {
  return source.split('/').filter((part) => part !== '').at(-1) ?? '';
}
