// SPDX-License-Identifier: MIT
import { FolderPlus } from 'lucide-react';
import { describeError } from '#contract/errors.ts';
import type { InstanceSummary } from '#contract/instances.ts';
import type { MountSummary } from '#contract/mounts.ts';
import { appRequest, errorDataOf, request } from '../../api/client.ts';
import { classNames } from '../../lib/class-names.ts';
import { notify, setView } from '../../store/index.ts';
import { noticeStrings } from '../../store/notice-strings.ts';
import { errorNotice } from '../../store/notices.ts';
import { Button } from '../../ui/Button.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { Section } from '../../ui/Screen.tsx';
import { detailsStrings } from './strings.ts';
import styles from './SharesTab.module.css';

const strings = detailsStrings.shares;

/** The folders of this computer that are in the instance, with how each of them does. */
export function SharesTab({ instance }: { readonly instance: InstanceSummary }) {
  const mounts = instance.mounts ?? [];
  const choose = async (): Promise<void> => {
    try {
      const { path } = await appRequest('app.pick-folder', {});
      if (path !== undefined) setView({ shareDraft: { name: instance.name, sources: [path] } });
    } catch (error) {
      notify(errorNotice('pick-folder', noticeStrings.refused('mount'), errorDataOf(error), instance.name));
    }
  };
  const add = <Button icon={<FolderPlus />} onPress={() => void choose()} data-testid="share-add">{strings.add}</Button>;
  if (mounts.length === 0) return <EmptyState title={strings.none} action={add}><p>{strings.noneText(instance.name)}</p></EmptyState>;
  return (
    <Section title={strings.title} aside={add}>
      <ul className={styles.list}>{mounts.map((mount) => <MountRow key={mount.id} instance={instance} mount={mount} />)}</ul>
    </Section>
  );
}

function MountRow({ instance, mount }: { readonly instance: InstanceSummary; readonly mount: MountSummary }) {
  const { source, target, isReadOnly, state, reason, reconnects } = mount;
  const remove = async (): Promise<void> => {
    try {
      await request('mounts.remove', { name: instance.name, target });
    } catch (error) {
      notify(errorNotice(`umount-${mount.id}`, noticeStrings.refused(`berth umount ${instance.name}:${target}`), errorDataOf(error), instance.name));
    }
  };
  return (
    <li data-testid={`share-${target}`}>
      <div>
        <code>{source}</code> <span aria-hidden="true">→</span> <code>{target}</code>
        {isReadOnly ? <small>{strings.readOnly}</small> : null}
        {reason === undefined ? null : <p className={styles.reason}>{describeError(reason).message} {describeError(reason).hint}</p>}
      </div>
      <span className={classNames(styles.state, styles[state])} data-testid="share-state">{strings.states[state]}{reconnects === 0 ? null : <small>{strings.reconnects(reconnects)}</small>}</span>
      <Button size="small" onPress={() => void remove()} data-testid="share-remove" hint={`berth umount ${instance.name}:${target}`}>{strings.remove}</Button>
    </li>
  );
}
