// SPDX-License-Identifier: MIT
import { CornerLeftUp, File, FileQuestion, FileSymlink, Folder, FolderSymlink } from 'lucide-react';
import { useState } from 'react';
import { ListBox, ListBoxItem, type Selection } from 'react-aria-components';
import type { GuestEntry, GuestFolder } from '#contract/transfers.ts';
import { visibleText } from '#contract/visible-text.ts';
import { say } from '#messages/say.ts';
import { formatBytes, formatMoment } from '../../lib/format.ts';
import { IconButton } from '../../ui/Button.tsx';
import { CheckField } from '../../ui/CheckField.tsx';
import { TextField } from '../../ui/TextField.tsx';
import styles from './GuestBrowser.module.css';

interface GuestBrowserProps {
  /** Undefined before the first answer. */
  readonly shown: GuestFolder | undefined;
  readonly chosen: ReadonlySet<string>;
  readonly isBusy: boolean;
  readonly onChoose: (names: ReadonlySet<string>) => void;
  readonly onGo: (folder: string) => void;
}

/** A folder of a guest, to choose from and to walk through. */
export function GuestBrowser({ shown, chosen, isBusy, onChoose, onGo }: GuestBrowserProps) {
  const [hasHidden, setHidden] = useState(false);
  const [typed, setTyped] = useState<string>();
  const folder = shown?.folder ?? '';
  const entries = (shown?.entries ?? []).filter(({ name }) => hasHidden || !name.startsWith('.') || chosen.has(name));
  const go = (to: string): void => {
    setTyped(undefined);
    onGo(to);
  };
  const open = (name: string): void => {
    if (shown?.entries.some((entry) => entry.name === name && entry.isFolder && entry.isNamed))
      go(joined(folder, name));
  };
  const choose = (selection: Selection): void =>
    onChoose(
      selection === 'all'
        ? new Set(entries.filter(({ isNamed }) => isNamed).map(({ name }) => name))
        : new Set([...selection].map(String)),
    );
  return (
    <div className={styles.browser}>
      <form
        className={styles.place}
        onSubmit={(event) => {
          event.preventDefault();
          event.stopPropagation();
          go(typed ?? folder);
        }}
      >
        <TextField
          label={say('transfers.out-place')}
          value={typed ?? folder}
          onChange={setTyped}
          isMono
          autoFocus
          testId="copy-out-path"
          action={
            <IconButton
              label={say('transfers.out-up')}
              icon={<CornerLeftUp />}
              isDisabled={folder === '/' || isBusy}
              onPress={() => go(joined(folder, '..'))}
            />
          }
        />
        <button type="submit" hidden>
          {say('transfers.out-go')}
        </button>
      </form>
      <div className={styles.frame} data-busy={isBusy || undefined}>
        <div className={styles.heads} aria-hidden="true">
          <span />
          <span>{say('transfers.out-column-name')}</span>
          <span>{say('transfers.out-column-size')}</span>
          <span>{say('transfers.out-column-changed')}</span>
        </div>
        <ListBox
          aria-label={say('transfers.out-list')}
          className={styles.list!}
          items={entries.map((entry) => ({ id: entry.name, entry }))}
          data-testid="copy-out-list"
          selectionMode="multiple"
          selectionBehavior="replace"
          selectedKeys={chosen}
          onSelectionChange={choose}
          onAction={(key) => open(String(key))}
          disabledKeys={entries.filter(({ isNamed }) => !isNamed).map(({ name }) => name)}
          renderEmptyState={() =>
            shown === undefined ? null : (
              <p className={styles.empty}>
                {shown.entries.length > 0 ? say('transfers.out-only-hidden') : say('transfers.out-empty')}
              </p>
            )
          }
        >
          {({ entry }) => <Entry entry={entry} />}
        </ListBox>
      </div>
      <div className={styles.below}>
        <CheckField isSelected={hasHidden} onChange={setHidden}>
          {say('transfers.out-show-hidden')}
        </CheckField>
        <span>
          {shown !== undefined && shown.hidden > 0
            ? say('transfers.out-more', { count: shown.hidden })
            : say('transfers.out-help')}
        </span>
      </div>
    </div>
  );
}

function Entry({ entry }: { readonly entry: GuestEntry }) {
  const { name, kind, isFolder, bytes, modifiedAt, isNamed } = entry;
  const Icon =
    kind === 'link'
      ? isFolder
        ? FolderSymlink
        : FileSymlink
      : isFolder
        ? Folder
        : kind === 'file'
          ? File
          : FileQuestion;
  return (
    <ListBoxItem id={name} textValue={visibleText(name)} className={styles.entry!}>
      <Icon aria-hidden="true" className={isFolder ? styles.folder : ''} />
      <span className={styles.name} title={isNamed ? visibleText(name) : say('transfers.out-unnamed')} translate="no">
        {visibleText(name)}
      </span>
      <span className={styles.size}>{isFolder ? '' : formatBytes(bytes)}</span>
      <span className={styles.when}>{formatMoment(new Date(modifiedAt).toISOString())}</span>
    </ListBoxItem>
  );
}

/** For the guest to resolve: `..` of a folder is what the guest says it is. */
function joined(folder: string, name: string): string {
  return `${folder === '/' ? '' : folder}/${name}`;
}
