// SPDX-License-Identifier: MIT
import { Folder } from 'lucide-react';
import { useState } from 'react';
import { describeError } from '#contract/errors.ts';
import { partsOf } from '#contract/host-keys.ts';
import { say } from '#messages/say.ts';
import { errorDataOf, request } from '../../api/client.ts';
import { mountLine } from '../../lib/cli-line.ts';
import { tellRefusal } from '../../store/attempt.ts';
import { copyIn } from '../../store/copies.ts';
import { notify, useBerth } from '../../store/index.ts';
import type { ShareDraft } from '../../store/view.ts';
import { Banner } from '../../ui/Banner.tsx';
import { Button } from '../../ui/Button.tsx';
import { CommandLine } from '../../ui/CommandLine.tsx';
import { Dialog } from '../../ui/Dialog.tsx';
import { Segments } from '../../ui/Segments.tsx';
import { TextField } from '../../ui/TextField.tsx';
import { MoreShareOptions } from './MoreShareOptions.tsx';
import { mountParams, plainOptions, problemOf, rowsFor, type ShareRow } from './share-form.ts';
import styles from './ShareSheet.module.css';

/** Asks where in the instance folders go, and how. Enter shares them; what was refused stays, with the reason. */
export function ShareSheet({ draft, onClose }: { readonly draft: ShareDraft; readonly onClose: () => void }) {
  const key = draft.instance;
  const { host, name } = partsOf(key);
  const instance = useBerth((state) => state.instances[key]);
  const [rows, setRows] = useState(() => rowsFor(draft.sources, instance?.mounts ?? []));
  const [options, setOptions] = useState(plainOptions);
  const [isBusy, setBusy] = useState(false);
  const isRunning = instance?.state === 'running';
  const params = mountParams(options);
  const isReady =
    params !== undefined &&
    !isBusy &&
    rows.every((row) => row.refusal !== undefined || problemOf(row, rows) === undefined);
  const setTarget = (source: string, target: string): void =>
    setRows((all) => all.map((row) => (row.source === source ? { source, target } : row)));
  const share = async (row: ShareRow): Promise<ShareRow | undefined> => {
    if (params === undefined) return row;
    try {
      const mount = await request(host, 'mounts.add', {
        name,
        source: row.source,
        target: row.target.trim(),
        ...params,
      });
      if (mount.reason === undefined)
        notify({
          id: `mount-${host}/${mount.id}`,
          tone: 'good',
          title: say(isRunning ? 'share.done' : 'share.done-later', { target: mount.target, name }),
          instance: key,
        });
      // It is kept with the instance, so there is nothing to correct here.
      else
        tellRefusal(
          { id: `mount-${host}/${mount.id}`, line: mountLine({ name, ...row, ...params }), instance: key },
          mount.reason,
        );
      return undefined;
    } catch (error) {
      const { message, hint } = describeError(errorDataOf(error));
      return { ...row, refusal: `${message} ${hint}` };
    }
  };
  const submit = async (): Promise<void> => {
    if (!isReady) return;
    setBusy(true);
    const left: ShareRow[] = [];
    for (const row of rows) {
      const refused = await share(row);
      if (refused !== undefined) left.push(refused);
    }
    setBusy(false);
    setRows(left);
    if (left.length === 0) onClose();
  };
  const copyInstead = (): void => {
    void copyIn(
      key,
      rows.map(({ source }) => source),
    );
    onClose();
  };
  return (
    <Dialog
      title={say('share.title', { count: rows.length, name })}
      isOpen
      onClose={onClose}
      size={rows.length > 1 ? 'wide' : 'normal'}
      footer={
        <>
          {isRunning ? (
            <span className={styles.left}>
              <Button
                tone="quiet"
                isDisabled={isBusy}
                hint={say('share.copy-instead-hint')}
                data-testid="share-copy-instead"
                onPress={copyInstead}
              >
                {say('share.copy-instead')}
              </Button>
            </span>
          ) : null}
          <Button onPress={onClose}>{say('common.cancel')}</Button>
          <Button tone="primary" data-testid="share-submit" isDisabled={!isReady} onPress={() => void submit()}>
            {isBusy ? say('share.sharing') : say('share.share')}
          </Button>
        </>
      }
    >
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void submit();
        }}
        data-testid="share-sheet"
        className={styles.form}
      >
        {isRunning ? null : (
          <Banner tone="plain" title={say('share.later', { name })}>
            <span>{say('share.later-text')}</span>
          </Banner>
        )}
        {rows.length === 1 && rows[0] !== undefined ? (
          <OneFolder row={rows[0]} rows={rows} onTarget={setTarget} />
        ) : (
          <ManyFolders rows={rows} onTarget={setTarget} />
        )}
        <Segments
          label={say('share.access')}
          value={options.access}
          onChange={(access) => setOptions({ ...options, access })}
          options={[
            { value: 'rw', label: say('share.access-rw') },
            { value: 'ro', label: say('share.access-ro') },
          ]}
        />
        <MoreShareOptions options={options} onChange={setOptions} />
        {params === undefined ? null : (
          <CommandLine
            line={rows.map(({ source, target }) => mountLine({ name, source, target, ...params })).join('\n')}
          />
        )}
        <button type="submit" hidden />
      </form>
    </Dialog>
  );
}

interface FoldersProps {
  readonly rows: readonly ShareRow[];
  readonly onTarget: (source: string, target: string) => void;
}

function OneFolder({ row, rows, onTarget }: FoldersProps & { readonly row: ShareRow }) {
  return (
    <>
      <div className={styles.source}>
        <span className={styles.label}>{say('share.source')}</span>
        <p>
          <Folder aria-hidden="true" />
          <code data-testid="share-source">{row.source}</code>
        </p>
      </div>
      <TextField
        label={say('share.target')}
        value={row.target}
        onChange={(target) => onTarget(row.source, target)}
        error={problemOf(row, rows)}
        note={say('share.target-note')}
        isMono
        autoFocus
        testId="share-target"
      />
    </>
  );
}

function ManyFolders({ rows, onTarget }: FoldersProps) {
  return (
    <div className={styles.many}>
      <div className={styles.heads} aria-hidden="true">
        <span className={styles.label}>{say('share.source')}</span>
        <span className={styles.label}>{say('share.target')}</span>
      </div>
      <ul>
        {rows.map((row, index) => (
          <li key={row.source}>
            <p title={row.source}>
              <Folder aria-hidden="true" />
              <code data-testid="share-source">
                <bdi>{row.source}</bdi>
              </code>
            </p>
            <TextField
              label={say('share.target-of', { source: row.source })}
              isLabelHidden
              value={row.target}
              onChange={(target) => onTarget(row.source, target)}
              error={problemOf(row, rows)}
              isMono
              autoFocus={index === 0}
              testId="share-target"
            />
          </li>
        ))}
      </ul>
      <p className={styles.note}>{say('share.target-note')}</p>
    </div>
  );
}
